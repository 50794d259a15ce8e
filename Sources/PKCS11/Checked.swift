/// Calls one PKCS#11 function and believes nothing but CKR_OK.
///
/// - Parameters:
///   - name: The function's name, for the error.
///   - place: The token or module, for the error.
///   - function: Its pointer from the module's function list, which may be NULL.
///   - call: Calls it and returns its answer.
/// - Throws: `PKCS11Error` when the pointer is NULL or the answer is not CKR_OK.
package func checked<Function>(
    _ name: String, at place: String? = nil, _ function: Function?, _ call: (Function) throws -> UInt
) throws {
    let value = try answer(of: name, at: place, function, call)
    guard value == .ok else { throw PKCS11Error(name, .returned(value), at: place) }
}

/// A count that a module answered, as an array's size, unless no module could mean it.
func plausible(_ count: UInt, _ name: String, at place: String) throws -> Int {
    guard count <= 65_536 else {
        throw PKCS11Error(name, .unexpectedAnswer("a list of \(count) entries"), at: place)
    }
    return Int(count)
}

/// As `checked`, for calls where other answers have a meaning of their own.
package func answer<Function>(
    of name: String, at place: String? = nil, _ function: Function?, _ call: (Function) throws -> UInt
) throws -> ReturnValue {
    guard let function else { throw PKCS11Error(name, .missingFunction, at: place) }
    return ReturnValue(rawValue: try call(function))
}
