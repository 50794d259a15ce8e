/// What ssh-keygen says when it does not sign, and what is to be done about it.
///
/// Its words are for people, and it has the same ones for several causes: of an authenticator it tells only that there is none,
/// that its PIN was not right, or "invalid format" for anything else (OpenSSH 9.2: `skerr_to_ssherr` in ssh-sk.c, ssherr.c).
struct SSHKeygenComplaint: Hashable, Sendable {
    /// Begins as a sentence, without its end.
    let remedy: String

    /// How a passphrase or a PIN gets to ssh-keygen.
    static let asking = "run the command at a terminal, or have an SSH agent hold the key, and name its .pub file"

    /// What to do where nothing has the private half of a .pub file.
    static let notHeld =
        "Your SSH agent does not hold this key, or SSH_AUTH_SOCK does not name an agent, and there is no private key "
        + "beside the .pub file. Add it with ssh-add, or name the private key's file; then run the command again"

    /// - Parameters:
    ///   - said: What it wrote to standard error.
    ///   - canAsk: Whether there is a terminal where it could ask for a passphrase or a PIN.
    /// - Returns: nil for words that have no meaning here.
    init?(_ said: String, canAsk: Bool) {
        func says(_ texts: String...) -> Bool { texts.allSatisfy(said.contains) }
        let alone = canAsk ? "" : ". It could ask nobody here: \(Self.asking)"
        if says("is not an OpenSSH FIDO library") || says("Provider \"", "failed:")
            || says("implements unsupported version")
        {
            remedy =
                "SSH_SK_PROVIDER names no library that ssh-keygen can reach an authenticator by. Name your authenticator's "
                + "library there, or take the variable away, so that ssh-keygen uses its own; then run the command again"
        } else if says("internal security key support not enabled") || says("No FIDO SecurityKeyProvider") {
            remedy =
                "This ssh-keygen reaches no authenticator by itself. Name a library that does in SSH_SK_PROVIDER, and run the "
                + "command again"
        } else if says("Signing ", "failed: device not found") {
            remedy =
                "No authenticator that has this key is there. Plug in the one that the key was made on, and no other; see that "
                + "this user may use it (/dev/hidraw*); then run the command again"
        } else if says("Signing ", "failed: incorrect passphrase") {
            remedy =
                "The authenticator wants its PIN, and did not get the right one. Wrong PINs lock it for good after eight: be "
                + "sure of yours, and run the command again\(alone)"
        } else if says("Signing ", "failed: requested feature not supported") {
            remedy =
                "The authenticator cannot do what the key asks of it, such as to verify its user. Plug in the one that the key "
                + "was made on, and run the command again"
        } else if says("Signing ", "failed: invalid format") {
            remedy =
                "The authenticator gave no signature, and ssh-keygen does not say why. Mostly nobody touched it in time: run "
                + "the command again, and touch it when it blinks. Else pull it out and plug it in again, which it wants after "
                + "three wrong PINs, too"
        } else if says("Signing ", "failed: agent refused operation") || says("Signing ", "communication with agent") {
            remedy =
                "Your SSH agent holds the key, and did not sign with it: somebody may have to confirm that, or touch the "
                + "authenticator, or the agent is locked. See to it there, and run the command again"
        } else if says("No private key found for public key") {
            remedy = Self.notHeld
        } else if says("UNPROTECTED PRIVATE KEY FILE") {
            remedy = "Others can read the key's file, so ssh-keygen leaves it alone. Take that away: chmod 600 FILE"
        } else if says("Load key ", "incorrect passphrase") {
            remedy = "The passphrase was not the key's. Run the command again\(alone)"
        } else {
            return nil
        }
    }
}
