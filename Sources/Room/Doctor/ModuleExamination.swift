import CryptoPrimitives

/// Shows the library by which this process reaches the HSM: what stands between the ceremony and every key.
struct ModuleExamination {
    let module: Site.ModuleLocation

    func run() -> Finding {
        let check = "module"
        let remedy = "Look at the site's hsm: a user who may not read the module cannot load it"
        let path: String
        let digest: SHA256Digest
        do {
            path = try module.file
        } catch {
            return Finding(check, .fail, "\(error)", remedy: remedy)
        }
        do {
            digest = try SHA256Digest(ofFileAt: path)
        } catch {
            return Finding(check, .fail, "\(error)", remedy: remedy)
        }
        guard module.isRemote else { return Finding(check, .pass, "\(path), SHA-256 \(digest.hex)") }
        return Finding(
            check, .asserted, "\(path), SHA-256 \(digest.hex), is p11-kit's client; the HSM's module is behind it",
            remedy: "Have whoever runs the server compare the module's SHA-256 there")
    }
}
