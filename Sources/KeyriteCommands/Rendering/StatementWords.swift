/// What the fields of a statement are called on the screen, in the order in which people read them.
///
/// A field that is not here is refused: who adds one to a statement adds its words.
enum StatementWords {
    /// How a field is shown.
    indirect enum Form: Sendable {
        /// Printable ASCII as it stands.
        case text
        /// What people or devices said: percent-encoded in the bytes, decoded on the screen.
        case freeText
        /// The same with lines of its own.
        case document
        case number
        case flag
        /// - isSpoken: Whether people compare it aloud with something outside the evidence.
        case digest(isSpoken: Bool)
        case digests
        /// An OpenSSH public key, shown by its fingerprint.
        case key
        /// DER in base64, shown by the SHA-256 of the DER, which people compare aloud.
        case certificate
        case texts
        case object([Field])
        case list([Field])
        /// A list of objects with two strings each, one of which names the other.
        case pairs(String, String)
    }

    struct Field: Sendable {
        let key: String
        let label: String
        let form: Form
        let isOptional: Bool

        init(_ key: String, _ label: String, _ form: Form = .text, isOptional: Bool = false) {
            self.key = key
            self.label = label
            self.form = form
            self.isOptional = isOptional
        }
    }

    struct Section: Sendable {
        let title: String
        /// What people are asked of it.
        let question: String
        /// What they are asked of each element of its lists, where those are asked about one by one.
        let elementQuestion: String?
        let fields: [Field]

        init(title: String, question: String, each elementQuestion: String? = nil, fields: [Field]) {
            self.title = title
            self.question = question
            self.elementQuestion = elementQuestion
            self.fields = fields
        }
    }

    static let statement = [
        Section(
            title: "What this is", question: "Is this the ceremony, and the gate, that you came for?",
            fields: [
                Field("gate", "Gate"), Field("mode", "Mode"), Field("ceremony", "Ceremony"),
                Field("attempt", "Attempt", .number), Field("schema", "Form"),
            ]),
        Section(
            title: "What will happen when the gate opens", question: "Is this what is to happen?",
            each: "Is this what is to happen?", fields: [Field("subject", "By this gate", .object(subject))]),
        Section(
            title: "What was not as the script has it", question: "Is this so?", each: "Do you accept this deviation?",
            fields: [Field("exceptions", "Exceptions", .list(exception))]),
        Section(
            title: "When signatures count, and what went before", question: "Is this so, as far as you know?",
            fields: [
                Field("validity", "Validity", .object(validity)),
                Field("earlier", "Gate passed", .list(earlier)),
                Field("decisions", "Decision received", .list(decision)),
                Field("anchor", "The transcript so far", .object(anchor)),
            ]),
        Section(
            title: "What it is bound to", question: "Are plan and roster those that reached you?",
            fields: [
                Field("plan", "Plan", .digest(isSpoken: true)), Field("roster", "Roster", .digest(isSpoken: true)),
                Field("environment", "Surroundings", .digest(isSpoken: false)), Field("nonce", "Nonce"),
            ]),
    ]

    /// One of the four, named by its gate.
    private static let subject = [
        Field("authorize", "The plan to be carried out", .object(authorize), isOptional: true),
        Field("release", "Material leaves the HSM, wrapped", .object(release), isOptional: true),
        Field("activate", "Keys in use change", .object(activate), isOptional: true),
        Field("close", "The evidence is sealed", .object(close), isOptional: true),
    ]

    private static let authorize = [
        Field("title", "Title", .freeText),
        Field("policy", "The quorum, beyond the roster's rules", .object(policy)),
        Field("aws", "Amazon Web Services", .object(aws)),
        Field("token", "HSM token", .object(token)),
        Field("gap", "Two hosts, with nothing but the folder carried between them", .object(gap), isOptional: true),
        Field("wrapping", "Wrapping", .object([Field("keySpec", "Wrapping key")]), isOptional: true),
        Field("profiles", "Kind of key", .list(profile)),
        Field("differences", "New key unlike the old", .list(replaced)), Field("slots", "Key", .list(planSlot)),
    ]

    private static let policy = [
        Field(
            "rules", "At the gate",
            .list([
                Field("gate", "Gate"),
                Field("requirements", "Needs", .list([Field("count", "Count", .number), Field("role", "Role")])),
            ])),
        Field("separate", "Different people", .list([Field("one", "At"), Field("other", "And at")])),
        Field("approvalHours", "Hours that a statement counts", .number, isOptional: true),
        Field("foldsActivate", "Activate folded", .flag),
    ]

    private static let aws = [
        Field("partition", "Partition"), Field("account", "Account"), Field("region", "Region"),
        Field("endpoint", "KMS endpoint"), Field("stsEndpoint", "STS endpoint"),
        Field("authorities", "Authorities"), Field("proxy", "Proxy", .freeText), Field("caller", "Caller", .freeText),
        Field("callers", "That caller only looks; others do the rest", .object(callers), isOptional: true),
    ]

    private static let callers = [
        Field("create", "Makes keys", .freeText, isOptional: true),
        Field("fetch", "Fetches wrapping keys", .freeText), Field("import", "Imports material", .freeText),
        Field("activate", "Changes keys in use", .freeText),
    ]

    private static let token = [
        Field("label", "Label", .freeText), Field("manufacturer", "Manufacturer", .freeText),
        Field("model", "Model", .freeText), Field("serial", "Serial number", .freeText),
    ]

    private static let gap = [
        Field("connected", "Reaches KMS, and has no HSM", .object(gapHost)),
        Field("hsm", "Has the HSM, and no network", .object(gapHost)),
        Field("sealing", "Blobs sealed to", .certificate),
    ]

    private static let gapHost = [Field("host", "Host"), Field("key", "Signs with", .key)]

    private static let profile = [
        Field("keySpec", "Key spec"), Field("algorithm", "Wrapped under"), Field("way", "In the HSM"),
        Field("attributes", "What an HSM key must be", .pairs("name", "value")),
    ]

    private static let planSlot = [
        Field("slot", "Slot"), Field("strategy", "Strategy"), Field("keySpec", "Key spec"),
        Field("keyUsage", "Key usage"), Field("alias", "Alias", isOptional: true),
        Field("createsAlias", "Makes the alias", .flag, isOptional: true), Field("key", "KMS key"),
        Field("currentMaterial", "Current material", isOptional: true),
        Field("rotationsUsed", "Rotations, of 25", .number, isOptional: true),
        Field("policy", "Key policy", .digest(isSpoken: false)), Field("label", "HSM label", isOptional: true),
        Field("id", "HSM id", isOptional: true),
        Field("description", "Description", isOptional: true), Field("proof", "Proof"),
        Field("trustedWrapping", "Security officer trusts wrapping keys", .flag),
        Field("retention", "HSM key after"), Field("backup", "Its backup, as exhibit", isOptional: true),
        Field(
            "probe", "Old ciphertext that must still decrypt",
            .object([Field("ciphertext", "Ciphertext"), Field("plaintext", "Plaintext is", .digest(isSpoken: false))]),
            isOptional: true),
        Field("new", "The new key", .object(settings), isOptional: true),
        Field("old", "The old key, which is kept", .object(settings), isOptional: true),
        Field("grants", "Grant of the old key that the new one lacks", .list(grant), isOptional: true),
        Field("revoked", "Material that is deleted", .object(revoked), isOptional: true),
        Field("reimported", "Material that is imported again", .object(reimported), isOptional: true),
    ]

    private static let reimported = [
        Field("material", "Material"), Field("state", "It is"), Field("importState", "In KMS it is now"),
        Field("expiryBefore", "Expires now", isOptional: true),
        Field("descriptionBefore", "Description now", .freeText, isOptional: true),
        Field("expiry", "Expires then"), Field("effect", "Once it is imported"),
        Field("checkValues", "HSM key must show", .object(checkValues), isOptional: true),
        Field("hsmKeyOrigin", "HSM key was", isOptional: true),
    ]

    private static let checkValues = [Field("cmac", "Check value, CMAC"), Field("ecb", "Check value, ECB")]

    private static let hsmKey = [
        Field("label", "HSM label"), Field("id", "HSM id"),
        Field("checkValues", "It showed", .object(checkValues)),
        Field("differences", "Not as of a key that the token made", .list(foreign), isOptional: true),
        Field("attributes", "All that the token says of it", .pairs("name", "value"), isOptional: true),
    ]

    private static let foreign = [
        Field("slot", "Slot"), Field("what", "What"), Field("planned", "Made by the token"),
        Field("observed", "This one"),
    ]

    private static let revoked = [
        Field("material", "Material"), Field("state", "It is"), Field("effect", "Once it is deleted"),
    ]

    private static let settings = [
        Field("description", "Description", .freeText), Field("multiRegion", "Multi-Region", .flag),
        Field("policy", "Key policy", .document), Field("policyDigest", "Policy is", .digest(isSpoken: false)),
        Field(
            "tags", "Tag", .list([Field("key", "Key", .freeText), Field("value", "Value", .freeText)])),
    ]

    private static let grant = [
        Field("id", "Grant"), Field("name", "Name", .freeText, isOptional: true),
        Field("grantee", "Who may use it", .freeText),
        Field("retiring", "Who may end it", .freeText, isOptional: true),
        Field("operations", "Operation", .texts),
        Field("constraints", "Constraints", .document, isOptional: true),
    ]

    private static let release = [
        Field("keySpec", "Wrapping keys"), Field("token", "HSM serial", .freeText),
        Field("caller", "Caller", .freeText), Field("activator", "Caller that activates", .freeText, isOptional: true),
        Field("endpoint", "KMS endpoint"), Field("deadline", "Not after"),
        Field("warnings", "Warnings of the self-test", .list(finding)),
        Field("differences", "Differs from the plan", .list(difference)), Field("slots", "Key", .list(releaseSlot)),
        Field("activations", "Becomes current without another gate", .list(foldedActivation), isOptional: true),
    ]

    private static let finding = [
        Field("check", "What", .freeText), Field("result", "Result"),
        Field("detail", "Seen", .freeText, isOptional: true),
    ]

    private static let difference = [
        Field("slot", "Slot"), Field("what", "What", .freeText), Field("planned", "Planned", .document),
        Field("observed", "Today", .document),
    ]

    private static let replaced = [
        Field("slot", "Slot"), Field("what", "What", .freeText), Field("planned", "New key", .document),
        Field("observed", "Old key", .document),
    ]

    private static let releaseSlot = [
        Field("slot", "Slot"), Field("key", "KMS key"), Field("algorithm", "Wrapped under"),
        Field("commitment", "Commitment"),
        Field("takesEffect", "Takes effect"), Field("expiry", "Expires"),
        Field("reimported", "Imported again", .object(reimported), isOptional: true),
        Field("hsmKey", "From the HSM key", .object(hsmKey), isOptional: true),
        Field(
            "intendedBefore", "It may have been imported before, and deleted since: that was intended in line", .number,
            isOptional: true),
        Field("import", "Wrapped for the import to", .object(target), isOptional: true),
        Field("proof", "Wrapped for the proof to", .object(target), isOptional: true),
    ]

    private static let target = [
        Field("spki", "Wrapping key", .digest(isSpoken: true)),
        Field("token", "Import token", .digest(isSpoken: false)),
    ]

    private static let activate = [
        Field("caller", "Caller", .freeText, isOptional: true),
        Field("slots", "Key made current", .list(activateSlot)),
        Field("revocations", "Material deleted", .list(revocation), isOptional: true),
    ]

    private static let revocation = [
        Field("slot", "Slot"), Field("key", "KMS key"), Field("alias", "Alias", isOptional: true),
        Field("material", "Material"), Field("state", "It is"), Field("currentMaterial", "Current material"),
        Field("effect", "Once it is deleted"),
        Field(
            "intendedBefore", "It may have been deleted before, and imported again: that was intended in line", .number,
            isOptional: true),
    ]

    private static let activateSlot = [
        Field("slot", "Slot"), Field("key", "KMS key"), Field("alias", "Alias", isOptional: true),
        Field("aliasTargetBefore", "Alias now", isOptional: true),
        Field("aliasTargetAfter", "Alias then", isOptional: true),
        Field("materialBefore", "Material now", isOptional: true), Field("materialAfter", "Material then"),
        Field("policy", "Key policy", .digest(isSpoken: false)),
        Field("rotationsUsed", "Rotations, of 25", .number, isOptional: true), Field("retention", "HSM key after"),
        Field("backup", "Exhibit of its backup", .digest(isSpoken: false), isOptional: true), changedBefore,
    ]

    private static let changedBefore = Field(
        "intendedBefore", "The alias may have been changed before, and changed back: that was intended in line",
        .number,
        isOptional: true)

    private static let foldedActivation = [
        Field("slot", "Slot"), Field("key", "KMS key"), Field("alias", "Alias", isOptional: true),
        Field("aliasTargetBefore", "Alias now", isOptional: true),
        Field("aliasTargetAfter", "Alias then", isOptional: true),
        Field("materialBefore", "Material now", isOptional: true),
        Field("commitment", "Material then is KMS's of"), Field("policy", "Key policy", .digest(isSpoken: false)),
        Field("rotationsUsed", "Rotations, of 25", .number, isOptional: true), Field("retention", "HSM key after"),
        Field("backup", "Exhibit of its backup", .digest(isSpoken: false), isOptional: true), changedBefore,
    ]

    private static let close = [
        Field(
            "aborted", "The ceremony was ended early",
            .object([Field("by", "By"), Field("reason", "Reason", .freeText)]), isOptional: true),
        Field(
            "unsettled", "Nobody knows whether this took effect",
            .object([Field("kind", "What was intended"), Field("seq", "Transcript line", .number)]), isOptional: true),
        Field("lines", "Transcript lines", .number), Field("head", "Last line", .digest(isSpoken: true)),
        Field("exceptions", "Exception", .digests), Field("manifest", "Manifest", .digest(isSpoken: true)),
    ]

    private static let exception = [
        Field("seq", "Transcript line", .number),
        Field(
            "exception", "As reported",
            .object([
                Field("by", "By"), Field("what", "What", .freeText), Field("why", "Why", .freeText),
                Field("remedy", "Remedy", .freeText),
                Field("machine", "Another machine or program than planned", .object(machine), isOptional: true),
            ])),
    ]

    private static let machine = [
        Field("host", "Host", .freeText), Field("program", "Program", .digest(isSpoken: true)),
        Field(
            "unsettled", "Nobody knows whether this took effect",
            .object([Field("kind", "What was intended"), Field("seq", "Transcript line", .number)]), isOptional: true),
    ]

    private static let validity = [Field("from", "From"), Field("until", "Until")]

    private static let earlier = [
        Field("gate", "Gate"), Field("attempt", "Attempt", .number),
        Field("statement", "Statement", .digest(isSpoken: false)),
    ]

    private static let decision = [
        Field("name", "Name"), Field("decision", "Decision"), Field("gate", "Gate"),
        Field("attempt", "Attempt", .number), Field("approval", "Approval", .digest(isSpoken: false)),
    ]

    private static let anchor = [
        Field("seq", "Lines", .number), Field("head", "Last line", .digest(isSpoken: false)),
    ]
}
