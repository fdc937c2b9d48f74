"""The associate's tablet: calls for help, guided selling, stock."""
