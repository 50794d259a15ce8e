import Ceremony
import Evidence

extension BadInput {
    /// Definitions that are wrong whatever HSM and KMS show.
    static let definitions =
        [
            definition("no title", title: "", "title: it is empty. Say what the ceremony is for: people sign it"),
            definition("no keys", keys: [], "keys: it is empty. Add at least one key"),
            definition("too short a window", hours: 0, "windowHours: a window of 0 hours. \(hours)"),
            definition("too long a window", hours: 169, "windowHours: a window of 169 hours. \(hours)"),
            definition(
                "a small wrapping key", keySpec: "RSA_1024",
                "wrappingKeySpec: RSA_1024 is no wrapping key spec. Use RSA_2048, RSA_3072 or RSA_4096"),
            definition(
                "a wrapping key in lowercase", keySpec: "rsa_4096",
                "wrappingKeySpec: rsa_4096 is no wrapping key spec. Use RSA_2048, RSA_3072 or RSA_4096"),
            definition(
                "an alias twice", keys: [rotation("alias/a"), rotation("alias/b"), rotation("alias/a")],
                "keys[2].alias: alias/a stands here and before. Keep it once"),
            definition(
                "an alias that is called like another key's id",
                keys: [
                    rotation("alias/1234-abcd"),
                    DefinedKey(alias: nil, key: "1234-abcd", strategy: .import, proof: true),
                ],
                "keys[1].key: the keys alias/1234-abcd and 1234-abcd would have one name in the plan. "
                    + "Name one of the two by another alias"),
            definition(
                "aliases that differ in capitals alone", keys: [rotation("alias/a"), rotation("alias/A")],
                "keys[1].alias: alias/a and alias/A differ in capitals alone, and so would their files, which a USB stick (vfat) "
                    + "takes for one. Take one of the two into another ceremony"),
        ]
        + [
            ("a", "a"), ("alias/", "alias/"), ("alias/aws/s3", "alias/aws/s3"), ("alias/a b", "alias/a b"),
            ("alias/a.b", "alias/a.b"), ("alias/\u{E9}", "alias/%C3%A9"), ("alias/\u{1B}[2J", "alias/%1B[2J"),
            ("alias/" + long(181), "alias/" + long(181)),
        ].map { alias, shown in
            definition(
                "the alias \(shown.prefix(20))", keys: [rotation(alias)],
                "keys[0].alias: \(shown) is no alias of a customer's key. "
                    + "Write alias/ and then up to 180 letters, digits, / _ or -")
        }

    /// Keys of a definition that are wrong whatever HSM and KMS show.
    static let keys =
        (["alias/x", "arn:aws:kms:eu-central-1:111122223333:alias/x", "1234 abcd", "arn:aws:kms:key/"] as [String]).map
    { name in
        definition(
            "the key \(name)", keys: [DefinedKey(alias: nil, key: name, strategy: .import, proof: true)],
            "keys[0].key: \(name) is no key's id or ARN. Write it as DescribeKey has it")
    } + [
        definition(
            "a key id that is too long for a file's name",
            keys: [DefinedKey(alias: nil, key: long(181), strategy: .import, proof: true)],
            "keys[0].key: the name \(long(181)) has 181 bytes. Take one of 180 bytes at most"),
        definition(
            "an import into nothing", keys: [DefinedKey(alias: nil, strategy: .import, proof: true)],
            "keys[0]: a key to import into has neither alias nor key. Name it by one of them"),
        definition(
            "a rotation of a key by its id",
            keys: [DefinedKey(alias: nil, key: "1234-abcd", strategy: .rotate, proof: true)],
            "keys[0]: a key to rotate is named by its alias alone. Write alias, and no key"),
        definition(
            "a replacement of a key by alias and id",
            keys: [DefinedKey(alias: "alias/a", key: "1234-abcd", strategy: .replace, proof: true)],
            "keys[0]: a key to replace is named by its alias alone. Write alias, and no key"),
        definition(
            "a rotation that changes the tags",
            keys: [DefinedKey(alias: "alias/a", strategy: .rotate, proof: true, changes: KeyChanges(tags: [:]))],
            "keys[0]: it has a policy, description, tags or a multi-Region flag. "
                + "Remove them: only the new key of a replace takes them"),
        replacement(
            "an empty policy", KeyChanges(policy: ""),
            "policyFile: the policy has 0 bytes. KMS takes 1 to 32768: shorten it"),
        replacement(
            "a long policy", KeyChanges(policy: long(32769)),
            "policyFile: the policy has 32769 bytes. KMS takes 1 to 32768: shorten it"),
        replacement(
            "a long description", KeyChanges(description: long(8193)),
            "description: it has 8193 bytes. KMS takes 8192: shorten it"),
    ]
        + [
            ("aws:x", "y"), ("keyrite", "y"), ("", "y"), (long(129), "y"), ("a", long(257)),
        ].map { key, value in
            replacement(
                "the tag \(key.prefix(20)) with \(value.utf8.count) bytes", KeyChanges(tags: [key: value]),
                "tags: the tag \(key) cannot be given. Not longer than 128 and 256 bytes, not aws:..., not keyrite")
        }

    private static let hours = "Choose between 1 and 168 hours"

    private static func long(_ count: Int) -> String { String(repeating: "a", count: count) }

    private static func rotation(_ alias: String) -> DefinedKey {
        DefinedKey(alias: alias, strategy: .rotate, proof: true)
    }

    private static func definition(
        _ description: String, title: String = "x", hours: Int = 1, keySpec: String = "RSA_4096",
        keys: [DefinedKey] = [rotation("alias/a")],
        _ message: String
    ) -> BadInput {
        BadInput(description, message) {
            try Definition(title: title, windowHours: hours, wrapping: Wrapping(keySpec: keySpec), keys: keys)
                .validate()
        }
    }

    private static func replacement(_ description: String, _ changes: KeyChanges, _ message: String) -> BadInput {
        definition(
            description, keys: [DefinedKey(alias: "alias/a", strategy: .replace, proof: true, changes: changes)],
            "keys[0]." + message)
    }
}
