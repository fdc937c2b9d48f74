"""Radio, camera and hand scanner: they emit what they saw and decide nothing."""
