import CP11Kit

/// What a token says it is: CK_TOKEN_INFO without the padding.
package struct TokenInfo: Hashable, Sendable {
    /// A hardware or firmware version.
    package struct Version: Hashable, Sendable, CustomStringConvertible {
        package let major: UInt8
        package let minor: UInt8

        package init(major: UInt8, minor: UInt8) {
            self.major = major
            self.minor = minor
        }

        package var description: String { "\(major).\(minor)" }
    }

    package let label: String
    package let manufacturer: String
    package let model: String
    package let serial: String
    package let flags: TokenFlags
    package let hardwareVersion: Version
    package let firmwareVersion: Version

    /// What some token says; for rules that are checked without one.
    package init(
        label: String, manufacturer: String, model: String, serial: String, flags: TokenFlags,
        hardwareVersion: Version, firmwareVersion: Version
    ) {
        self.label = label
        self.manufacturer = manufacturer
        self.model = model
        self.serial = serial
        self.flags = flags
        self.hardwareVersion = hardwareVersion
        self.firmwareVersion = firmwareVersion
    }

    init(_ info: CK_TOKEN_INFO) {
        label = PaddedText.decode(info.label)
        manufacturer = PaddedText.decode(info.manufacturerID)
        model = PaddedText.decode(info.model)
        serial = PaddedText.decode(info.serialNumber)
        flags = TokenFlags(rawValue: info.flags)
        hardwareVersion = Version(major: info.hardwareVersion.major, minor: info.hardwareVersion.minor)
        firmwareVersion = Version(major: info.firmwareVersion.major, minor: info.firmwareVersion.minor)
    }

    /// The token by label and serial number, for people.
    package var name: String { "token \(label) (serial \(serial))" }

    /// The RFC 7512 URI that names this token by everything it says it is.
    package var uri: PKCS11URI {
        PKCS11URI(token: label, manufacturer: manufacturer, model: model, serial: serial)
    }
}
