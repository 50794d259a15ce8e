import CryptoPrimitives
import Glibc

/// The settings that every AWS tool reads from its environment.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html>
package struct EnvironmentCredentials: Sendable {
    /// A variable's value as the environment has it, or nil.
    package typealias Lookup = @Sendable (_ name: String) -> UnsafePointer<CChar>?

    private let lookup: Lookup

    /// - Parameter lookup: Where variables are read; by default from this process's environment.
    package init(lookup: @escaping Lookup = { UnsafePointer(getenv($0)) }) {
        self.lookup = lookup
    }

    /// Reads the access key. The secret and the token go into locked memory and nowhere else; the environment itself
    /// keeps its copy.
    ///
    /// - Throws: `AWSError.configuration` naming what is missing, `CryptoError` when memory cannot be locked.
    package func credentials() throws -> Credentials {
        guard let accessKeyID = text("AWS_ACCESS_KEY_ID"), let secret = try secret("AWS_SECRET_ACCESS_KEY") else {
            throw AWSError.configuration(
                "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
                    + "and AWS_SESSION_TOKEN for temporary ones")
        }
        guard accessKeyID.utf8.count <= 128, accessKeyID.utf8.allSatisfy(Self.isKeyIDCharacter) else {
            throw AWSError.configuration("AWS_ACCESS_KEY_ID is not an access key id: letters, digits and _ alone")
        }
        return Credentials(
            accessKeyID: accessKeyID, secretAccessKey: secret, sessionToken: try self.secret("AWS_SESSION_TOKEN"))
    }

    /// `AWS_REGION`, else `AWS_DEFAULT_REGION`; nil if neither is set.
    package func region() throws -> Region? {
        try (text("AWS_REGION") ?? text("AWS_DEFAULT_REGION")).map(Region.init)
    }

    /// `AWS_ENDPOINT_URL_<SERVICE>`, else `AWS_ENDPOINT_URL`; nil if neither is set. Nothing reads them unasked.
    ///
    /// - Parameter service: `kms`, `sts`.
    package func endpoint(for service: String) throws -> Endpoint? {
        try (text("AWS_ENDPOINT_URL_" + service.uppercased()) ?? text("AWS_ENDPOINT_URL")).map(Endpoint.init)
    }

    /// An empty variable counts as none.
    private func text(_ name: String) -> String? {
        guard let value = lookup(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    private func secret(_ name: String) throws -> SecretBytes? {
        guard let value = lookup(name), value.pointee != 0 else { return nil }
        return try SecretBytes(copying: UnsafeRawBufferPointer(start: value, count: strlen(value)))
    }

    private static func isKeyIDCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
