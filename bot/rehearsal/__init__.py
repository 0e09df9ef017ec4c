"""The whole evening, played on this machine: no account, no token, nobody outside."""
