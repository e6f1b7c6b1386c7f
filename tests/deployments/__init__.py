"""Every way to run the flows, by the real programs: prefect deploy, a worker, `fillrate up`, and a browser."""
