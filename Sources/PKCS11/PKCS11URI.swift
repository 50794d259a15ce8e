import CP11Kit
import Glibc

/// A PKCS#11 URI (RFC 7512) that names a token, or an object on one, and nothing else.
///
/// Stricter than the RFC where leniency could name the wrong token: no attribute twice, none unknown, no white space,
/// and no query part, so that a URI can never carry a PIN.
package struct PKCS11URI: Hashable, Sendable, CustomStringConvertible {
    package var token: String?
    package var manufacturer: String?
    package var model: String?
    package var serial: String?
    /// The object's label.
    package var object: String?
    /// The object's id.
    package var id: [UInt8]?
    package var objectClass: ObjectClass?

    package init(
        token: String? = nil, manufacturer: String? = nil, model: String? = nil, serial: String? = nil,
        object: String? = nil, id: [UInt8]? = nil, objectClass: ObjectClass? = nil
    ) {
        self.token = token
        self.manufacturer = manufacturer
        self.model = model
        self.serial = serial
        self.object = object
        self.id = id
        self.objectClass = objectClass
    }

    /// Reads a URI.
    ///
    /// - Throws: `PKCS11Error` that never repeats the text, since a refused one may hold a PIN.
    package init(parsing text: String) throws {
        let names = try Self.attributeNames(in: text)
        let uri = try P11URI()
        let result = p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, uri.pointer)
        guard result == P11_KIT_URI_OK.rawValue, p11_kit_uri_any_unrecognized(uri.pointer) == 0 else {
            throw Self.refused("it is no PKCS#11 URI, or a value in it is too long or badly encoded")
        }
        guard let info = p11_kit_uri_get_token_info(uri.pointer)?.pointee else {
            throw Self.refused("it names no token")
        }
        if names.contains("token") { token = PaddedText.decode(info.label) }
        if names.contains("manufacturer") { manufacturer = PaddedText.decode(info.manufacturerID) }
        if names.contains("model") { model = PaddedText.decode(info.model) }
        if names.contains("serial") { serial = PaddedText.decode(info.serialNumber) }
        object = uri.attribute(.label).map { String(decoding: $0, as: UTF8.self) }
        id = uri.attribute(.id)
        objectClass = AttributeAnswer.value(uri.attribute(.objectClass) ?? []).number.map(ObjectClass.init(rawValue:))
    }

    /// Whether a token is one that this URI names.
    ///
    /// Compared as bytes: two labels that merely look alike are two labels.
    package func matches(_ info: TokenInfo) -> Bool {
        let wanted = [
            (token, info.label), (manufacturer, info.manufacturer), (model, info.model), (serial, info.serial),
        ]
        return wanted.allSatisfy { wanted, found in
            wanted.map { $0.utf8.elementsEqual(found.utf8) } ?? true
        }
    }

    /// The URI's text. It can hold no PIN.
    package var description: String {
        (try? formatted()) ?? "pkcs11:(a name too long for a token)"
    }

    private func formatted() throws -> String {
        let uri = try P11URI()
        guard let info = p11_kit_uri_get_token_info(uri.pointer) else { throw Self.refused("it names no token") }
        let fits =
            (token.map { PaddedText.encode($0, into: &info.pointee.label) } ?? true)
            && (manufacturer.map { PaddedText.encode($0, into: &info.pointee.manufacturerID) } ?? true)
            && (model.map { PaddedText.encode($0, into: &info.pointee.model) } ?? true)
            && (serial.map { PaddedText.encode($0, into: &info.pointee.serialNumber) } ?? true)
        guard fits else { throw Self.refused("a name in it is too long for a token") }
        try uri.set(object.map(Attribute.label))
        try uri.set(id.map(Attribute.id))
        try uri.set(objectClass.map(Attribute.objectClass))
        var text: UnsafeMutablePointer<CChar>?
        guard p11_kit_uri_format(uri.pointer, P11_KIT_URI_FOR_ANY, &text) == P11_KIT_URI_OK.rawValue, let text else {
            throw Self.refused("it cannot be written")
        }
        defer { free(text) }
        return String(cString: text)
    }

    /// The names of the path attributes, once all of them are ones that Keyrite reads.
    ///
    /// p11-kit takes the last of two equal names, skips white space and accepts a PIN in the path: none of it here.
    private static func attributeNames(in text: String) throws -> Set<String> {
        guard text.hasPrefix("pkcs11:"), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw refused("a PKCS#11 URI begins with pkcs11: and is ASCII without white space")
        }
        guard !text.contains("pin-value"), !text.contains("pin-source") else {
            throw refused("a PIN does not belong in a URI; Keyrite asks for it when it is needed")
        }
        guard !text.contains("?") else { throw refused("name the module in the site's definition, not in the URI") }
        let known: Set = ["token", "manufacturer", "model", "serial", "object", "id", "type"]
        var names: Set<String> = []
        for attribute in text.dropFirst("pkcs11:".count).split(separator: ";", omittingEmptySubsequences: false) {
            let parts = attribute.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[1].isEmpty, known.contains(String(parts[0])) else {
                throw refused(
                    "its attributes are NAME=VALUE, with NAME one of \(known.sorted().joined(separator: ", "))")
            }
            guard names.insert(String(parts[0])).inserted else { throw refused("it says \(parts[0]) twice") }
        }
        return names
    }

    private static func refused(_ why: String) -> PKCS11Error {
        PKCS11Error("reading a PKCS#11 URI", .misnamed(why))
    }
}

/// One owned P11KitUri.
private final class P11URI {
    let pointer: OpaquePointer

    init() throws {
        guard let pointer = p11_kit_uri_new() else {
            throw PKCS11Error("making a PKCS#11 URI", .system("out of memory"))
        }
        self.pointer = pointer
    }

    deinit { p11_kit_uri_free(pointer) }

    func attribute(_ type: AttributeType) -> [UInt8]? {
        guard let found = p11_kit_uri_get_attribute(pointer, type.rawValue)?.pointee,
            let size = Int(exactly: found.ulValueLen)
        else { return nil }
        return Array(UnsafeRawBufferPointer(start: found.pValue, count: size))
    }

    func set(_ attribute: Attribute?) throws {
        guard let attribute else { return }
        let result = Template([attribute]).withPointer { entry, _ in p11_kit_uri_set_attribute(pointer, entry) }
        guard result == P11_KIT_URI_OK.rawValue else {
            throw PKCS11Error("making a PKCS#11 URI", .system("out of memory"))
        }
    }
}
