package import Evidence

/// Where the files lie that a ceremony has only until it is settled.
package enum FolderLayout {
    /// The wrapped material.
    package static func blob(_ slot: String, _ purpose: Purpose) -> String {
        "wrapped/\(slot)-\(purpose.rawValue).bin"
    }

    /// The wrapped material as it is carried across an air gap: CMS (RFC 5083), DER.
    package static func sealedBlob(_ slot: String, _ purpose: Purpose) -> String {
        "wrapped/\(slot)-\(purpose.rawValue).cms"
    }

    /// KMS's import token.
    package static func token(_ slot: String, _ purpose: Purpose) -> String {
        "tokens/\(slot)-\(purpose.rawValue).token"
    }

    /// KMS's wrapping key, DER.
    package static func wrappingKey(_ slot: String, _ purpose: Purpose) -> String {
        "tokens/\(slot)-\(purpose.rawValue).spki"
    }
}
