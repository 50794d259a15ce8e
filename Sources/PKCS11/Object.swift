/// An object on a token, by the handle that one session gave it.
///
/// A handle means nothing in another process or after a new connection: find the object again by its id and label.
package struct Object: Hashable, Sendable {
    package let handle: UInt

    package init(handle: UInt) { self.handle = handle }
}
