/// An object on a token, by the handle that one session gave it.
///
/// A handle means nothing in another process or after a new connection: find the object again by its id and label.
package struct Object: Hashable, Sendable {
    package let handle: UInt
    /// The bytes of the modulus that this program gave it, for a wrapping key that it brought; the token is not asked.
    let givenModulusSize: Int?

    package init(handle: UInt) { self.init(handle: handle, givenModulusSize: nil) }

    init(handle: UInt, givenModulusSize: Int?) {
        self.handle = handle
        self.givenModulusSize = givenModulusSize
    }

    // By the handle alone: an object that was found again is the one that was brought.
    package static func == (left: Object, right: Object) -> Bool { left.handle == right.handle }

    package func hash(into hasher: inout Hasher) { hasher.combine(handle) }
}
