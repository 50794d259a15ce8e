package import AWS
import CryptoPrimitives

/// The access key that a rehearsal and its emulator share. It opens nothing else.
package enum RehearsalCredentials {
    package static let accessKeyID = "AKIAREHEARSALEXAMPLE"
    /// Known to everyone, so that any AWS client can be pointed at the emulator.
    package static let secretAccessKey = "rehearsal/secret/access/key/known/to/all"

    package static func make() throws -> Credentials {
        Credentials(
            accessKeyID: accessKeyID,
            secretAccessKey: try Array(secretAccessKey.utf8).withUnsafeBytes { try SecretBytes(copying: $0) })
    }
}
