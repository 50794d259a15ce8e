import CP11Kit

/// How many sessions a token says it takes, and how many are open now, of all programs: CK_TOKEN_INFO (PKCS#11 2.40, 3.2).
package struct SessionLimits: Hashable, Sendable {
    /// A number that has two values which are none: CK_EFFECTIVELY_INFINITE is 0.
    package enum Limit: Hashable, Sendable {
        /// At most so many.
        case of(UInt)
        /// CK_EFFECTIVELY_INFINITE.
        case none
        /// CK_UNAVAILABLE_INFORMATION.
        case unsaid

        init(_ count: UInt) {
            self =
                switch count {
                case 0: .none
                case .max: .unsaid
                default: .of(count)
                }
        }
    }

    /// Of any kind.
    package let all: Limit
    package let readWrite: Limit
    /// Open now, of any kind; nil where the token does not say.
    package let open: UInt?

    init(_ info: CK_TOKEN_INFO) {
        all = Limit(info.ulMaxSessionCount)
        readWrite = Limit(info.ulMaxRwSessionCount)
        open = info.ulSessionCount == .max ? nil : info.ulSessionCount
    }
}
