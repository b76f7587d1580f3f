#!/bin/bash
password="$(date +%s | sha256sum | cut -c1-16)"
htpasswd -bn admin "${password}" > /etc/vmm/htpasswd
