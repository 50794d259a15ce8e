import Ceremony
import PKCS11

/// An error on its way from the process that holds the module to the one that called it, where it is thrown again.
enum HostedFailure: Codable, Sendable {
    case ceremony(Kind, what: String, remedy: String)
    case pkcs11(function: String, Cause, place: String?, remedy: String)
    /// `PINRefused`, by what it says.
    case pinRefused(String)
    /// Any other, by what it says.
    case other(String)

    /// `CeremonyError.Kind`.
    enum Kind: String, Codable, Sendable {
        case invalidInput, environment, state
    }

    /// `PKCS11Error.Cause`.
    enum Cause: Codable, Sendable {
        case returned(UInt)
        case missingFunction
        case unexpectedAnswer(String)
        case refused(String)
        case misnamed(String)
        case system(String)
    }

    init(_ error: any Error) {
        switch error {
        case let error as CeremonyError:
            self = .ceremony(Kind(error.kind), what: error.what, remedy: error.remedy)
        case let error as PKCS11Error:
            self = .pkcs11(
                function: error.function, Cause(error.cause), place: error.place, remedy: error.remedy)
        case let error as PINRefused: self = .pinRefused(error.description)
        default: self = .other("\(error)")
        }
    }

    /// The error as it was, or one that says the same.
    var error: any Error {
        switch self {
        case .ceremony(let kind, let what, let remedy): CeremonyError(kind.kind, what, remedy: remedy)
        case .pkcs11(let function, let cause, let place, let remedy):
            PKCS11Error(function, cause.cause, at: place, remedy: remedy)
        case .pinRefused(let description): PINRefused(description: description)
        case .other(let description): HostedError(description: description)
        }
    }
}

/// An error in the process that holds the HSM's module, of a type that does not cross.
package struct HostedError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
}

extension HostedFailure.Kind {
    fileprivate init(_ kind: CeremonyError.Kind) {
        self =
            switch kind {
            case .invalidInput: .invalidInput
            case .environment: .environment
            case .state: .state
            }
    }

    fileprivate var kind: CeremonyError.Kind {
        switch self {
        case .invalidInput: .invalidInput
        case .environment: .environment
        case .state: .state
        }
    }
}

extension HostedFailure.Cause {
    fileprivate init(_ cause: PKCS11Error.Cause) {
        self =
            switch cause {
            case .returned(let value): .returned(value.rawValue)
            case .missingFunction: .missingFunction
            case .unexpectedAnswer(let what): .unexpectedAnswer(what)
            case .refused(let what): .refused(what)
            case .misnamed(let what): .misnamed(what)
            case .system(let what): .system(what)
            }
    }

    fileprivate var cause: PKCS11Error.Cause {
        switch self {
        case .returned(let value): .returned(ReturnValue(rawValue: value))
        case .missingFunction: .missingFunction
        case .unexpectedAnswer(let what): .unexpectedAnswer(what)
        case .refused(let what): .refused(what)
        case .misnamed(let what): .misnamed(what)
        case .system(let what): .system(what)
        }
    }
}
