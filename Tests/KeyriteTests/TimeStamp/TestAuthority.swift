import Foundation
import PKCS11
import Processes
import TestSupport
import Testing

/// A time-stamping authority of the test's own, all of openssl: a CA, a certificate under it, and its answers.
struct TestAuthority: Sendable {
    let folder: URL

    /// The CA's certificate, PEM.
    var certificates: String { folder.path + "/ca.pem" }

    /// - Parameters:
    ///   - folder: A folder to make.
    ///   - until: The last second of the CA's certificate, as `openssl ca` has it.
    ///   - key: What `openssl req` is to make its keys by.
    static func make(
        in folder: URL, until: String = "20400101000000Z",
        key: [String] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    ) async throws -> TestAuthority {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        let authority = TestAuthority(folder: folder)
        try Data(configuration.utf8).write(to: folder.appending(path: "authority.cnf"))
        for (file, text) in [("index.txt", ""), ("serial", "01\n"), ("stamps", "01\n")] {
            try Data(text.utf8).write(to: folder.appending(path: file))
        }
        for name in ["ca", "tsa"] {
            try await authority.openssl(
                ["req", "-new"] + key + [
                    "-nodes", "-config", "authority.cnf", "-subj", "/CN=\(name)", "-keyout", "\(name).key", "-out",
                    "\(name).csr",
                ])
        }
        try await authority.certify("ca", until: until, ["-selfsign"])
        try await authority.certify("tsa", until: "20400101000000Z", ["-cert", "ca.pem"])
        return authority
    }

    private func certify(_ name: String, until: String, _ issuer: [String]) async throws {
        try await openssl(
            [
                "ca", "-batch", "-config", "authority.cnf", "-keyfile", "ca.key", "-extensions", "\(name)_certificate",
                "-notext",
            ]
                + ["-startdate", "20200101000000Z", "-enddate", until, "-in", "\(name).csr", "-out", "\(name).pem"]
                + issuer)
    }

    /// What the authority answers to a request.
    ///
    /// - Parameters:
    ///   - query: DER.
    ///   - section: `stamping`; `carrying`, with the certificates of `carry`; or `refusing`, which has no SHA-256.
    func answer(_ query: [UInt8], section: String = "stamping") async throws -> [UInt8] {
        let (asked, answered) = (folder.appending(path: "q"), folder.appending(path: "r"))
        try Data(query).write(to: asked)
        try await openssl(
            "ts", "-reply", "-config", "authority.cnf", "-section", section, "-queryfile", "q", "-out", "r")
        return [UInt8](try Data(contentsOf: answered))
    }

    /// Has answers of `carrying` bring other certificates along.
    ///
    /// - Parameter certificates: A PEM file's path.
    func carry(_ certificates: String) throws {
        try Data(contentsOf: URL(filePath: certificates)).write(to: folder.appending(path: "others.pem"))
    }

    /// A request of openssl's own over a SHA-256.
    func query(over hex: String) async throws -> [UInt8] {
        try await openssl("ts", "-query", "-digest", hex, "-sha256", "-cert", "-out", "q")
        return [UInt8](try Data(contentsOf: folder.appending(path: "q")))
    }

    private func openssl(_ arguments: String...) async throws { try await openssl(arguments) }

    private func openssl(_ arguments: [String]) async throws {
        let run = try await runProcess(
            "openssl", arguments, environment: ["PATH": "/usr/bin:/bin", "OPENSSL_CONF": "/dev/null"],
            directory: folder)
        try #require(run.status == 0, "\(arguments): \(run.stderrText)")
    }

    /// Serves it on a loopback port while `body` runs.
    ///
    /// - Parameter body: Is given the URL without a path; authority.py says which paths there are.
    func serve<R>(_ body: (String) async throws -> R) async throws -> R {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "authority.py").path
        let log = folder.path + "/log"
        let server = try await ChildProcess.spawn(
            ["/usr/bin/python3", "-B", script, folder.path],
            environment: ["PATH": "/usr/bin:/bin", "OPENSSL_CONF": "/dev/null", "LC_ALL": "C.UTF-8"], output: log)
        defer { server.kill() }
        try await waitUntil {
            (try? String(contentsOfFile: log, encoding: .utf8))?.contains("\n") == true || !server.isRunning
        }
        let said = try String(contentsOfFile: log, encoding: .utf8)
        let port = try #require(said.split(separator: "\n").first.flatMap { Int($0) }, "\(said)")
        return try await body("http://127.0.0.1:\(port)")
    }

    private static let configuration = """
        [ca]
        default_ca = all
        [all]
        database = index.txt
        serial = serial
        new_certs_dir = .
        default_md = sha256
        unique_subject = no
        policy = any
        [any]
        commonName = supplied
        [req]
        distinguished_name = name
        [name]
        [ca_certificate]
        basicConstraints = critical, CA:TRUE
        keyUsage = critical, keyCertSign
        [tsa_certificate]
        basicConstraints = CA:FALSE
        keyUsage = critical, digitalSignature
        extendedKeyUsage = critical, timeStamping
        [stamping]
        serial = stamps
        signer_cert = tsa.pem
        signer_key = tsa.key
        signer_digest = sha256
        default_policy = 1.3.6.1.4.1.99999.1
        digests = sha256
        accuracy = secs:1, millisecs:500
        clock_precision_digits = 3
        ordering = yes
        tsa_name = yes
        ess_cert_id_chain = no
        ess_cert_id_alg = sha256
        [carrying]
        serial = stamps
        signer_cert = tsa.pem
        signer_key = tsa.key
        signer_digest = sha256
        default_policy = 1.3.6.1.4.1.99999.1
        digests = sha256
        certs = others.pem
        ess_cert_id_alg = sha256
        [refusing]
        serial = stamps
        signer_cert = tsa.pem
        signer_key = tsa.key
        signer_digest = sha256
        default_policy = 1.3.6.1.4.1.99999.1
        digests = sha512

        """
}
