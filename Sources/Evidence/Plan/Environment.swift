package import CryptoPrimitives

/// The surroundings that the plan binds: where, as whom, with which HSM and program.
package struct CeremonyEnvironment: Codable, Hashable, Sendable {
    package let aws: AWSEnvironment
    package let token: TokenIdentity
    /// The SHA-256 of the PKCS#11 module's file. Behind p11-kit's client it is that of the client: *asserted*.
    package let module: SHA256Digest
    /// The SHA-256 of the program's file, by host.
    package let programs: [ProgramDigest]

    package init(aws: AWSEnvironment, token: TokenIdentity, module: SHA256Digest, programs: [ProgramDigest]) {
        self.aws = aws
        self.token = token
        self.module = module
        self.programs = programs
    }

    /// The digest that statements carry: SHA-256 of the canonical JSON.
    package func digest() throws -> SHA256Digest {
        SHA256Digest(of: try CanonicalJSON.encode(self))
    }
}

/// The AWS side: partition, account, Region, endpoints and the caller.
package struct AWSEnvironment: Codable, Hashable, Sendable {
    package let partition: String
    /// Twelve digits.
    package let account: String
    package let region: String
    /// The KMS endpoint's URL.
    package let endpoint: String
    /// The STS endpoint's URL.
    package let stsEndpoint: String
    /// `system`, or the SHA-256 of the CA file that TLS is held to.
    package let authorities: String
    /// `none`, or the URL of the proxy on the way to the endpoints and the names that are reached without it,
    /// percent-encoded.
    package let proxy: String
    /// The caller's ARN as sts:GetCallerIdentity gives it, percent-encoded; where there are others, of who looks.
    package let caller: String
    /// Absent where one caller does everything.
    package let callers: RoleCallers?

    package init(
        partition: String, account: String, region: String, endpoint: String, stsEndpoint: String,
        authorities: String, proxy: String, caller: String, callers: RoleCallers? = nil
    ) {
        self.partition = partition
        self.account = account
        self.region = region
        self.endpoint = endpoint
        self.stsEndpoint = stsEndpoint
        self.authorities = authorities
        self.proxy = proxy
        self.caller = caller
        self.callers = callers
    }
}

/// One token of one HSM, told apart by what PKCS#11 says of it.
package struct TokenIdentity: Codable, Hashable, Sendable {
    package let label: String
    package let manufacturer: String
    package let model: String
    package let serial: String

    package init(label: String, manufacturer: String, model: String, serial: String) {
        self.label = label
        self.manufacturer = manufacturer
        self.model = model
        self.serial = serial
    }
}

/// Which program ran on which host.
package struct ProgramDigest: Codable, Hashable, Sendable {
    package let host: String
    package let program: SHA256Digest

    package init(host: String, program: SHA256Digest) {
        self.host = host
        self.program = program
    }
}
