/// What the program WrapProbe found out about a token and a private key, in a process of its own.
package struct WrapReport: Codable, Sendable {
    /// What became of a wrap: the blob, or the function that failed and the standard's name of its answer.
    package enum Outcome: Codable, Equatable, Sendable {
        case blob([UInt8])
        case refused(function: String, answer: String)
    }

    /// The mechanisms that the token lists, by number.
    package let mechanisms: [UInt]
    /// The public key beside the private one, DER.
    package let publicKey: [UInt8]
    /// The token's own RSA-AES key wrap.
    package let native: Outcome
    package let composed: Outcome
    /// How many secret keys the token holds after that.
    package let secretKeysLeft: Int

    package init(
        mechanisms: [UInt], publicKey: [UInt8], native: Outcome, composed: Outcome, secretKeysLeft: Int
    ) {
        self.mechanisms = mechanisms
        self.publicKey = publicKey
        self.native = native
        self.composed = composed
        self.secretKeysLeft = secretKeysLeft
    }
}
