import Ceremony
import CryptoPrimitives
import Evidence

/// Tries the permissions that a ceremony needs and that can be tried without an effect, at a key.
struct PermissionExamination {
    let kms: KeyService
    /// A key or an alias; nil if none was named.
    let key: String?
    /// The size of the wrapping key to ask for.
    let wrappingKeySpec: String

    /// - Returns: A finding for each call, and the key, if it was found.
    func run() async -> (findings: [Finding], found: KMSKey?) {
        // By it a key is found again whose CreateKey was not answered.
        let list = await attempt("ListKeys") { "keys: \(try await kms.countKeys())" }
        let (findings, found) = await atKey()
        return ([list] + findings, found)
    }

    private func atKey() async -> (findings: [Finding], found: KMSKey?) {
        let further = [
            "GetKeyPolicy", "ListResourceTags", "ListGrants", "ListKeyRotations", "GetParametersForImport", "Encrypt",
            "Decrypt",
        ]
        guard let key else { return (untried(["DescribeKey"] + further, "no key was named"), nil) }
        let found: KMSKey
        do { found = try await kms.describe(key) } catch {
            return ([failed("DescribeKey", error)] + untried(further, "there is no key to try it at"), nil)
        }
        let described = passed("DescribeKey", "\(found.arn) is \(found.state), \(found.origin), \(found.spec)")
        return await ([described] + reads(of: found) + use(of: found), found)
    }

    private func reads(of key: KMSKey) async -> [Finding] {
        let policy = await attempt("GetKeyPolicy") { "its SHA-256 is \(try await kms.policy(of: key.arn).digest.hex)" }
        // Tags are asked for with the policy.
        let tags =
            policy.result == .pass
            ? [await attempt("ListResourceTags") { "tags: \(try await kms.settings(of: key.arn).tags.count)" }]
            : untried(["ListResourceTags"], "GetKeyPolicy, which goes before it, failed")
        return [policy] + tags + [
            await attempt("ListGrants") { "grants: \(try await kms.grants(of: key.arn).count)" },
            keySpec(of: key).keepsMaterials
                ? await attempt("ListKeyRotations") { "materials: \(try await kms.materials(of: key.arn).count)" }
                : untried(["ListKeyRotations"], "\(key.spec) keys have one material, without a list")[0],
            await attempt("GetParametersForImport") {
                let answer = try await kms.importParameters(
                    of: key.arn, algorithm: keySpec(of: key).algorithm, keySpec: wrappingKeySpec)
                return "a wrapping key of \(wrappingKeySpec), valid until \(answer.validUntil); it was not used"
            },
        ]
    }

    /// What the key is taken for where KMS has kinds of key that no ceremony is about.
    private func keySpec(of key: KMSKey) -> KeySpec { KeySpec(rawValue: key.spec) ?? .symmetric }

    private func use(of key: KMSKey) async -> [Finding] {
        let spec = keySpec(of: key)
        switch (key.state, spec.family) {
        case ("Enabled", .aes): return await encryption(with: key)
        case ("Enabled", .hmac):
            return [
                await attempt("GenerateMac") {
                    "a code of \(try await kms.authenticate([0], with: key.arn, of: spec).count) bytes"
                }
            ]
        case ("Enabled", _):
            return [
                await attempt("GetPublicKey") {
                    "its SHA-256 is \(SHA256Digest(of: try await kms.publicKey(of: key.arn)).hex)"
                }
            ]
        default: return untried(["Encrypt", "Decrypt"], "the key is \(key.state), \(key.spec)")
        }
    }

    /// Random bytes, which nobody keeps, there and back.
    private func encryption(with key: KMSKey) async -> [Finding] {
        let plaintext: [UInt8]
        let ciphertext: [UInt8]
        do {
            plaintext = try SecureRandom.bytes(count: 32)
            // By the name that was given, as the ceremony does: a policy may bind it to the alias.
            ciphertext = try await kms.encrypt(plaintext, with: self.key ?? key.arn)
        } catch {
            return [failed("Encrypt", error)] + untried(["Decrypt"], "there is nothing to decrypt")
        }
        return [
            passed("Encrypt", "32 random bytes"),
            await attempt("Decrypt") {
                guard try await kms.decrypt(ciphertext, with: key.arn).plaintext == plaintext else {
                    throw CeremonyError(
                        .state, "KMS decrypts its own ciphertext to something else", remedy: "Check the endpoint")
                }
                return "they came back"
            },
        ]
    }

    private func attempt(_ call: String, _ body: () async throws -> String) async -> Finding {
        do { return passed(call, try await body()) } catch { return failed(call, error) }
    }

    private func passed(_ call: String, _ detail: String) -> Finding { Finding("permission: \(call)", .pass, detail) }

    private func failed(_ call: String, _ error: any Error) -> Finding {
        Finding("permission: \(call)", .fail, "\(error)", remedy: "Give the caller what it lacks, or name another key")
    }

    private func untried(_ calls: [String], _ why: String) -> [Finding] {
        calls.map { Finding("permission: \($0)", .unknown, why, remedy: "Name a key with --key to try it at") }
    }
}
