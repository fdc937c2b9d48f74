"""What a shop sells and proposes: products, offers, sections, placements, opening hours."""
