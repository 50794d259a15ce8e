import Ceremony
import CryptoPrimitives

/// What a self-test says of a token that is not fit.
enum SelfTestError {
    static func demand(_ holds: Bool, _ otherwise: @autoclosure () -> String) throws {
        guard holds else { throw unfit(otherwise()) }
    }

    static func unfit(_ what: String) -> CeremonyError {
        CeremonyError(.environment, what, remedy: "This token cannot hold the ceremony. No key was generated")
    }

    /// A label for an object that is thrown away.
    static func label() throws -> String {
        "keyrite/self-test/\(Hex.encode(try SecureRandom.bytes(count: 8)))"
    }
}
