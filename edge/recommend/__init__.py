"""Scores for products, and the parts they are made of. Pure: bytes and arrays in, arrays out."""
