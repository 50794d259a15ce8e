/// The two halves of a key pair on a token.
package struct KeyPair: Hashable, Sendable {
    package let publicKey: Object
    package let privateKey: Object
}
