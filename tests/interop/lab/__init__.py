# SPDX-License-Identifier: Apache-2.0
"""Real XMPP and SIP servers and users on loopback, for the demo and the interop tests."""
