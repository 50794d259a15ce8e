import ArgumentParser
import Ceremony
import Evidence
import Room

/// With what one person signs: their token at a site, or an SSH key of their own.
struct PersonKey {
    let site: Site?
    /// A private key's file, or the `.pub` file of one that an agent holds.
    let sshKey: String?

    /// Without anybody being asked, in a rehearsal.
    ///
    /// - Parameter former: The person as the roster before has them, whose change they may sign with another key.
    func signer(of person: Member, or former: Member? = nil) throws -> any SignerPort {
        if let sshKey { return try SSHKeySigner(file: sshKey) }
        return try required().signer(of: person, or: former)
    }

    /// - Parameters:
    ///   - former: As above.
    ///   - participant: Who is asked for a token's PIN.
    ///   - terminal: Lent to ssh-keygen, which asks for passphrase, PIN and touch itself.
    func signer(
        of person: Member, or former: Member? = nil, asking participant: AttendedParticipant,
        at terminal: TerminalDevice
    ) throws -> any SignerPort {
        guard let sshKey else {
            return try AskedPINSigner(
                site: required(), participant, listed: ListedKey(of: person, or: former), admit: AskedPINSigner.noRisk)
        }
        let isOnAuthenticator = try person.publicKey().application != nil
        return try SSHKeySigner(
            file: sshKey, isOver: { terminal.hasEnded }, isInterrupted: { terminal.isInterrupted }
        ) { use in
            let told =
                isOnAuthenticator
                ? "ssh-keygen signs. Touch your authenticator when it blinks; it may ask for its PIN first."
                : "ssh-keygen signs. It may ask for the passphrase of your key."
            let lines = Wrap.lines(told, width: terminal.size.columns)
            terminal.write("\n\(lines.joined(separator: "\n"))\n")
            return try await terminal.lend(use)
        }
    }

    /// Refuses the file of another key before anybody reads anything, where the file says whose it is, and a public half that
    /// nothing here has the private one of.
    ///
    /// - Parameters:
    ///   - former: As above.
    ///   - roster: Where it may be another member's.
    /// - Throws: `CeremonyError`.
    func requireListed(for person: Member, or former: Member? = nil, on roster: Roster) throws {
        guard let sshKey, let file = try? SSHKeyFile(sshKey), let key = file.publicKey else { return }
        let other = former.flatMap { $0.key == person.key ? nil : $0 }
        let listed = try [person, other].compactMap { try $0?.publicKey() }
        guard !listed.contains(key) else { return try file.requirePrivateHalf() }
        let owner = roster.members.first { (try? $0.publicKey()) == key }
        throw CeremonyError(
            .invalidInput,
            "\(PercentEncoding.encode(sshKey)) has the key \(key.fingerprint)\(owner.map { ", \($0.name)'s" } ?? ""), and the "
                + "roster lists \(listed.map(\.fingerprint).joined(separator: " or ")) for \(person.name)",
            remedy: "Nothing was signed. Name the file of \(person.name)'s own key")
    }

    private func required() throws -> Site {
        guard let site else { throw ValidationError("Give --site, where the token is.") }
        return site
    }
}
