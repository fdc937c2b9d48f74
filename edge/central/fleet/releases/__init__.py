"""Sign packages and rollouts, and keep the repository that devices fetch them from."""
