import AWS
import Foundation
import TestSupport
import Testing

@Suite("Credentials by roles and servers", .timeLimit(.minutes(60)))
struct RoleTests {
    @Test("are come to, or refused with place and reason and without a secret", arguments: RoleCases.all)
    func keyrite(_ given: RoleCase) async throws {
        try await ScriptedServer.answering(CredentialServer.rule) { server in
            try await Scratch.using { scratch in
                let environment = try given.lay(in: scratch, server)
                switch given.expected {
                case .key(let key): #expect(try await given.keyrite(environment) == .init(key: key))
                case .refused(let reason):
                    let error = try await failure { _ = try await given.keyrite(environment) }
                    #expect(error.description.contains(reason), "\(error)")
                    #expect(!error.description.contains("hunter2"))
                }
            }
        }
    }

    /// An answer of Python/roles.py.
    private struct Answer: Decodable {
        let refused: String?
        let found: RoleCase.Found?

        init(from decoder: any Decoder) throws {
            refused = try decoder.container(keyedBy: Key.self).decodeIfPresent(String.self, forKey: .refused)
            found = refused == nil ? try RoleCase.Found(from: decoder) : nil
        }

        private enum Key: String, CodingKey { case refused }
    }

    @Test("are come to alike by botocore, which asks the same of STS with the same credentials")
    func botocore() async throws {
        struct Question: Encodable {
            let environment: [String: String]
            let profile: String?
        }
        try await ScriptedServer.answering(CredentialServer.rule) { server in
            try await Scratch.using { scratch in
                var questions: [Question] = []
                for (index, given) in RoleCases.all.enumerated() {
                    let folder = Scratch(folder: scratch.folder.appending(path: "\(index)"))
                    try FileManager.default.createDirectory(at: folder.folder, withIntermediateDirectories: false)
                    questions.append(
                        Question(environment: try given.lay(in: folder, server), profile: given.profile))
                }
                let answers: [Answer] = try await Python.run("roles", questions)
                try #require(answers.count == RoleCases.all.count)
                for (given, answer) in zip(RoleCases.all, answers) {
                    switch given.expected {
                    case .key(let key):
                        #expect(answer.found == .init(key: key), "\(given.name): \(answer.refused ?? "")")
                    case .refused:
                        #expect((answer.refused != nil) == given.botocoreRefuses, "\(given.name): \(answer)")
                    }
                }
            }
        }
    }
}
