import Ceremony
import CryptoPrimitives
import Evidence
import PKCS11

extension TokenIdentity {
    /// A token as evidence names it.
    init(of info: TokenInfo) {
        self.init(
            label: PercentEncoding.encode(info.label), manufacturer: PercentEncoding.encode(info.manufacturer),
            model: PercentEncoding.encode(info.model), serial: PercentEncoding.encode(info.serial))
    }

    /// Refuses another token in a slot, before anybody logs in to it.
    ///
    /// - Throws: `CeremonyError` naming every difference; `PKCS11Error`.
    func require(of slot: Slot) throws {
        let found = TokenIdentity(of: try slot.tokenInfo())
        let names: [(String, KeyPath<TokenIdentity, String>)] = [
            ("serial", \.serial), ("model", \.model), ("label", \.label), ("manufacturer", \.manufacturer),
        ]
        let differences = names.filter { self[keyPath: $1] != found[keyPath: $1] }.map { name, path in
            "its \(name) is \(found[keyPath: path]), not \(self[keyPath: path])"
        }
        guard differences.isEmpty else {
            throw CeremonyError(
                .environment,
                "The token at \(slot.module.origin) is not the ceremony's: " + differences.joined(separator: "; "),
                remedy: "No PIN was sent to it. Find out who put it there, restore the token that the plan names, then "
                    + "go on")
        }
    }
}
