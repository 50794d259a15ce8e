/// What becomes of whoever calls KMS by a key's id or ARN.
package enum CallerRule {
    package static let id = "kms.caller"
    package static let title = "Callers of KMS by the key's id or ARN"

    private static let rotated = ImpactEffect(
        "Nothing is seen of it: the key has the same id, and KMS decrypts with the material that was used.",
        stays: "What they encrypted, under the material of its time.", grade: .none,
        sources: .documented("kms/latest/developerguide/rotate-keys.html", checked: "2026-11-27"))

    private static let replaced = ImpactEffect(
        "They go on calling the old key: an alias that is moved moves nobody who does not name it.",
        stays: "What they encrypted or signed, under the old key.",
        steps: [
            "in these programs: name the alias, or the new key, where they encrypt or sign; they need that key, too",
            "let Decrypt of a symmetric key name none: naming the new one, it fails on what the old one encrypted; "
                + "Decrypt of a key pair, Verify and VerifyMac name the key that it was",
            "keep the old key until nobody calls it any more, and nothing is left that it encrypted or signed: whoever decrypts "
                + "under a symmetric key and names none calls it, too, and does not stand here",
        ], grade: .low,
        sources: .documented("kms/latest/developerguide/rotate-keys-manually.html", checked: "2026-11-27"))

    package static func effect(of strategy: ImpactStrategy) -> ImpactEffect {
        switch strategy {
        case .rotate: rotated
        case .replace: replaced
        }
    }
}
