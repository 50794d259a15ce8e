import AWS

/// A refusal by KMS, under AWS's name for it.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html> and the Errors section of each operation.
package struct KMSFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// AWS's name, as it stands in `__type`.
    package let code: String
    /// AWS sends none with some refusals: what would explain an InvalidCiphertextException would help an attacker.
    package let message: String?
    /// The HTTP status that carries it.
    package let status: Int

    package init(_ code: String, _ message: String? = nil, status: Int = 400) {
        self.code = code
        self.message = message
        self.status = status
    }

    package var description: String { message.map { "\(code): \($0)" } ?? code }
}

extension KMSFault {
    static func validation(_ message: String) -> KMSFault { KMSFault("ValidationException", message) }

    /// One violated constraint of the service's model, in AWS's words.
    static func constraint(_ subject: String, _ rule: String) -> KMSFault {
        validation("1 validation error detected: \(subject) failed to satisfy constraint: Member must \(rule)")
    }

    static func notFound(_ message: String) -> KMSFault { KMSFault("NotFoundException", message) }
    static func invalidState(_ message: String) -> KMSFault { KMSFault("KMSInvalidStateException", message) }
    static func unsupported(_ message: String) -> KMSFault { KMSFault("UnsupportedOperationException", message) }
    static func incorrectMaterial(_ message: String) -> KMSFault { KMSFault("IncorrectKeyMaterialException", message) }
    static func invalidKeyUsage(_ message: String) -> KMSFault { KMSFault("InvalidKeyUsageException", message) }
    static let invalidCiphertext = KMSFault("InvalidCiphertextException")

    /// What a call that would succeed answers when it was asked to change nothing
    /// (docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html).
    static let dryRun = KMSFault(
        "DryRunOperationException", "The request would have succeeded, but the DryRun option is set.", status: 412)

    /// Ends a call that was asked to change nothing; all its other refusals come first.
    static func refuse(dryRun: Bool?) throws {
        guard dryRun != true else { throw KMSFault.dryRun }
    }

    /// - Throws: UnsupportedOperationException for answers that an enclave alone shall read.
    static func refuse(recipient: RecipientInfo?) throws {
        guard recipient == nil else { throw unsupported("The emulator serves no Nitro enclaves.") }
    }

    /// What AWS answers where the fault is its own: retry, it says.
    static let `internal` = KMSFault(
        "KMSInternalException", "The emulator failed inside; its log says why.", status: 500)
}
