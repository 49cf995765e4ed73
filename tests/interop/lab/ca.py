# SPDX-License-Identifier: Apache-2.0
"""A certificate authority of the lab, made with the openssl command."""
import base64
import hashlib
import os
import subprocess

from .process import LabError


def _openssl(*argv):
    done = subprocess.run(["openssl", *argv], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"openssl {argv[0]}: {done.stderr.strip()}")
    return done.stdout


class Certificate:
    def __init__(self, folder, name):
        self.certificate = os.path.join(folder, f"{name}.crt")
        self.key = os.path.join(folder, f"{name}.key")

    def pin(self):
        """SHA-256 of the key's SPKI in hex, as partner records name it."""
        pem = _openssl("x509", "-in", self.certificate, "-noout", "-pubkey")
        body = "".join(line for line in pem.splitlines() if not line.startswith("-----"))
        return hashlib.sha256(base64.b64decode(body)).hexdigest()


class CA:
    """EC P-256 throughout; leaf certificates are valid for 30 days."""

    def __init__(self, folder, name="Causeway Lab CA"):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self._root = Certificate(folder, "ca")
        self.file = self._root.certificate
        if not os.path.exists(self.file):
            self._make_root(name)

    def _make_root(self, name):
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-keyout", self._root.key, "-out", self.file, "-days", "30", "-subj",
                 f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE",
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, name, dns_names=None, addresses=(), usages="serverAuth,clientAuth",
              days=30):
        """A key and a certificate for the DNS names (default: `name`) and IP addresses."""
        leaf = Certificate(self.folder, name)
        if os.path.exists(leaf.certificate):
            return leaf
        request = os.path.join(self.folder, f"{name}.csr")
        extensions = os.path.join(self.folder, f"{name}.ext")
        names = [f"DNS:{entry}" for entry in dns_names or [name]]
        names += [f"IP:{entry}" for entry in addresses]
        with open(extensions, "w", encoding="ascii") as out:
            out.write("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
                      f"extendedKeyUsage={usages}\nsubjectAltName={','.join(names)}\n")
        _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-keyout", leaf.key, "-out", request, "-subj", f"/CN={name}")
        _openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self._root.key,
                 "-CAcreateserial", "-days", str(days), "-extfile", extensions,
                 "-out", leaf.certificate)
        return leaf
