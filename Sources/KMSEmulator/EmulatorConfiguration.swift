package import AWS

/// Where the emulator listens and whom it knows.
package struct EmulatorConfiguration: Sendable {
    /// `127.0.0.1` or `::1`; anything else is refused when the emulator starts.
    package var host = "127.0.0.1"
    /// 0 for one that is free.
    package var port = 0
    /// 12 digits; by default the account of AWS's own examples.
    package var account = "111122223333"
    /// The Region of the admin path; KMS itself answers for the Region that a request is signed for.
    package var region = "eu-central-1"
    /// The one access key whose signatures are accepted.
    package var credentials: Credentials
    /// The path of the user that GetCallerIdentity names, after `user/`.
    package var userName = "rehearsal"
    /// Of which size wrapping keys are made ahead, two at a time: as many as the rotation of one key takes. It costs a core's
    /// time even if nobody asks for them. Of other sizes, and with nil of all, each is made when it is asked for.
    package var wrappingKeysAhead: WrappingKeySpec? = .rsa4096
    /// The path of a folder that keeps wrapping keys: the first of a size that is asked for, the second and so on are the same at
    /// each start. nil to make new ones. With a state file it is refused: the same would be handed out twice.
    package var wrappingKeyFolder: String?
    /// The path of the file that keeps everything from one start to the next, key material in the open included; nil to
    /// forget it all at the end.
    package var stateFile: String?
    /// What goes wrong from the start; the admin path can change it.
    package var faults = FaultPlan()
    /// Whether failures inside are told of there; nothing secret is.
    package var logsToStandardError = false

    package init(credentials: Credentials) {
        self.credentials = credentials
    }
}
