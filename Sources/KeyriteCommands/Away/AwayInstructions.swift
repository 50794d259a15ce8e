import Ceremony
import CryptoPrimitives
import Evidence

/// What somebody is told who signs away from the ceremony's folder: `README.txt`.
struct AwayInstructions {
    private let prepared: PreparedApproval

    init(_ prepared: PreparedApproval) { self.prepared = prepared }

    var text: String {
        let statement = prepared.statement
        let (name, gate) = (prepared.member.name, statement.gate.rawValue)
        return """
            \(name), \(prepared.member.role.rawValue): to decide on the gate \(gate), attempt \(statement.attempt),
            of the ceremony \(statement.ceremony) (\(statement.mode.rawValue)).
            Decide before \(min(statement.validity.until, prepared.member.validUntil)).
            An approval counts only if the ceremony has it on record by then.

            1. Is this the ceremony you know of? The roster's SHA-256, which reached you by
               another way, must be
                 \(prepared.roster.hex)
               and is printed by
                 sha256sum ceremony/roster.json
               With Keyrite's scripts/verify.sh, "verify.sh ceremony --roster SHA256" checks all
               of it (and says NOT CLOSED, since it goes on).

            2. Read statement.txt. It shows what you sign the SHA-256 of:
                 \(prepared.digest.hex)
            \(words)
               These two must both print it:
                 sha256sum ceremony/statements/\(gate)-\(statement.attempt).json
                 jq -r .statement \(name).json
               statement.txt is the word of whoever made this folder. To trust nobody, read
               the bytes themselves, or use keyrite as below, which shows you those:
                 jq . ceremony/statements/\(gate)-\(statement.attempt).json

            3. To approve, sign \(name).json as it is, with the key that the roster has:
                 \(prepared.member.key.split(separator: " ")[0])
            \(Self.wrapped((try? prepared.member.publicKey().fingerprint) ?? ""))\(touch)
                 ssh-keygen -Y sign -n \(statement.mode.gateNamespace) -f KEY \(name).json
               KEY is the private key's file, or the .pub file of one that an SSH agent holds.\(agent)

               To refuse, first write your reason into it, in plain ASCII, and then sign it
               just so. The first line waits until you have typed the reason, and Enter:
                 IFS= read -r WHY
                 jq -cSj --arg reason "$WHY" '.decision = "refuse" | .reason = ($reason | gsub("%"; "%25"))' \(name).json > refusal.json
                 mv refusal.json \(name).json

               Or with keyrite, which shows you the statement and asks:
                 keyrite approve ceremony --gate \(gate) --as \(name) --ssh-key KEY
            \(site)
            4. Give the folder back. It is taken in by
                 keyrite approve FOLDER --gate \(gate) --as \(name) --import THIS

            """
    }

    private var words: String {
        Wrap.lines(PGPWords.spell(prepared.digest.bytes).joined(separator: " "), width: 74)
            .map { "     \($0)" }.joined(separator: "\n")
    }

    /// Whether the key can be one on a PKCS#11 token, which has no file.
    private var mayBeOnToken: Bool {
        if case .ecdsaP256 = try? prepared.member.publicKey() { true } else { false }
    }

    private var agent: String {
        guard mayBeOnToken else { return "" }
        return """

               A key on a PKCS#11 token has no file: have the agent hold it, and name the file
               that the second line makes, KEY.pub:
                 ssh-add -s MODULE
                 echo '\(prepared.member.key)' > KEY.pub
            """
    }

    private var site: String {
        guard mayBeOnToken else { return "" }
        let statement = prepared.statement
        return "     keyrite approve ceremony --gate \(statement.gate.rawValue) --as \(prepared.member.name)"
            + " --site SITE\n"
    }

    private static func wrapped(_ text: String) -> String { "     \(text)" }

    /// What the authenticator must see of its owner.
    private var touch: String {
        switch prepared.member.userPresence {
        case .touched: "\n   Touch the authenticator when it blinks, or it will not count."
        case .verified:
            "\n   The authenticator must verify you (PIN or fingerprint) and be touched, or it will not count."
        case nil, UserPresence.none?: ""
        }
    }
}
