"""The demo shop: a whole appliance on one machine, with buttons for what a machine lacks."""
