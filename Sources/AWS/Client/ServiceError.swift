package import Foundation

/// A service's refusal. The call did not happen, unless the trouble was the service's own (`isTransient`).
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html>
package struct ServiceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The error's name, without namespace or address: `NotFoundException`.
    package struct Code: ExtensibleString {
        package let rawValue: String

        package init(rawValue: String) {
            self.rawValue = rawValue
        }
    }

    /// The call: `ImportKeyMaterial`.
    package let operation: String
    package let code: Code
    /// In the service's words, on one line, credentials taken out; may be empty.
    package let message: String
    /// The HTTP status.
    package let status: Int
    /// What CloudTrail and AWS's support find the call by.
    package let requestID: String?
    /// The service's clock.
    package let serverDate: Date?

    package init(
        operation: String, code: Code, message: String, status: Int, requestID: String? = nil, serverDate: Date? = nil
    ) {
        self.operation = operation
        self.code = code
        self.message = message
        self.status = status
        self.requestID = requestID
        self.serverDate = serverDate
    }

    package var description: String {
        let why = message.isEmpty ? "" : ": \(message)"
        return "\(operation) was refused with \(code)\(why) (HTTP \(status), request \(requestID ?? "without id"))"
    }
}

extension ServiceError.Code {
    package static let accessDenied = Self(rawValue: "AccessDeniedException")
    package static let alreadyExists = Self(rawValue: "AlreadyExistsException")
    package static let conflict = Self(rawValue: "ConflictException")
    package static let dependencyTimeout = Self(rawValue: "DependencyTimeoutException")
    package static let disabled = Self(rawValue: "DisabledException")
    package static let expiredImportToken = Self(rawValue: "ExpiredImportTokenException")
    package static let expiredToken = Self(rawValue: "ExpiredTokenException")
    package static let incorrectKey = Self(rawValue: "IncorrectKeyException")
    package static let incorrectKeyMaterial = Self(rawValue: "IncorrectKeyMaterialException")
    package static let incompleteSignature = Self(rawValue: "IncompleteSignatureException")
    package static let invalidAliasName = Self(rawValue: "InvalidAliasNameException")
    package static let invalidARN = Self(rawValue: "InvalidArnException")
    package static let invalidCiphertext = Self(rawValue: "InvalidCiphertextException")
    package static let invalidImportToken = Self(rawValue: "InvalidImportTokenException")
    package static let invalidKeyUsage = Self(rawValue: "InvalidKeyUsageException")
    package static let invalidMarker = Self(rawValue: "InvalidMarkerException")
    package static let invalidSignature = Self(rawValue: "InvalidSignatureException")
    package static let keyUnavailable = Self(rawValue: "KeyUnavailableException")
    package static let kmsInternal = Self(rawValue: "KMSInternalException")
    package static let kmsInvalidState = Self(rawValue: "KMSInvalidStateException")
    package static let limitExceeded = Self(rawValue: "LimitExceededException")
    package static let malformedPolicyDocument = Self(rawValue: "MalformedPolicyDocumentException")
    package static let missingAuthenticationToken = Self(rawValue: "MissingAuthenticationTokenException")
    package static let notFound = Self(rawValue: "NotFoundException")
    package static let serialization = Self(rawValue: "SerializationException")
    package static let throttling = Self(rawValue: "ThrottlingException")
    package static let unknownOperation = Self(rawValue: "UnknownOperationException")
    package static let unrecognizedClient = Self(rawValue: "UnrecognizedClientException")
    package static let unsupportedOperation = Self(rawValue: "UnsupportedOperationException")
    package static let validation = Self(rawValue: "ValidationException")
    /// Ours, for an answer that is an error and says nothing we can read.
    package static let unnamed = Self(rawValue: "unnamed error")
}
