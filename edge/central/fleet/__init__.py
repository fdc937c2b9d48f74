"""The fleet as central ops see it: releases, rollouts, devices."""
