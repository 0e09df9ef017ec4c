"""What is broken on purpose: killed processes, cut lines, full disks."""
