import AWS
import Foundation
import TestSupport
import Testing

@Suite("AWS's variables and shared files", .timeLimit(.minutes(60)))
struct SharedFilesTests {
    @Test("are read, or refused with place and reason and without a secret", arguments: SharedCases.all)
    func keyrite(_ given: SharedCase) async throws {
        try await Scratch.using { scratch in
            let environment = try given.lay(in: scratch)
            switch given.expected {
            case .reading(let expected): #expect(try await Reading.keyrite(environment) == expected)
            case .refused(let reason):
                let error = try await failure { _ = try await Reading.keyrite(environment) }
                #expect(error.description.contains(reason), "\(error)")
                #expect(!error.description.contains("hunter2"))
            }
        }
    }

    /// An answer of Python/shared_files.py.
    private struct Answer: Decodable {
        let refused: String?
        let reading: Reading?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            refused = try container.decodeIfPresent(String.self, forKey: .refused)
            reading = refused == nil ? try Reading(from: decoder) : nil
        }

        private enum Key: String, CodingKey { case refused }
    }

    @Test("are read alike by botocore, which signs for the same host with the same key")
    func botocore() async throws {
        struct Question: Encodable { let environment: [String: String] }
        try await Scratch.using { scratch in
            var questions: [Question] = []
            for (index, given) in SharedCases.all.enumerated() {
                let folder = Scratch(folder: scratch.folder.appending(path: "\(index)"))
                try FileManager.default.createDirectory(at: folder.folder, withIntermediateDirectories: false)
                questions.append(Question(environment: try given.lay(in: folder)))
            }
            let answers: [Answer] = try await Python.run("shared_files", questions)
            try #require(answers.count == SharedCases.all.count)
            for (given, answer) in zip(SharedCases.all, answers) {
                switch given.expected {
                case .reading(let expected):
                    #expect(answer.reading == expected, "\(given.name): \(answer.refused ?? "")")
                case .refused:
                    #expect((answer.refused != nil) == given.botocoreRefuses, "\(given.name): \(answer)")
                }
            }
        }
    }

    @Test("AWS_REGION comes before AWS_DEFAULT_REGION, and an empty variable is none")
    func region() throws {
        let none = ["HOME": "/nonexistent"]
        for (variables, expected) in [
            (["AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"], "eu-west-1"),
            (["AWS_REGION": "", "AWS_DEFAULT_REGION": "us-east-1"], "us-east-1"), ([:], nil),
        ] {
            let environment = Variables(none.merging(variables) { $1 }).environment
            #expect(try SharedSettings(environment).region()?.name == expected)
        }
    }

    @Test("a profile that was named in so many words is not outdone by the environment's key")
    func namedProfile() async throws {
        try await Scratch.using { scratch in
            try Data("[p]\naws_access_key_id = AKIAFILE\naws_secret_access_key = s\n".utf8)
                .write(to: scratch.folder.appending(path: "keys"))
            let variables = Variables([
                "HOME": scratch.folder.path, "AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s",
            ])
            let choice = SharedSettings.Choice(profile: "p", credentialsFile: scratch.path("keys"))
            let found = try SharedSettings(variables.environment, choosing: choice).credentials()
            #expect(try await found.credentials(at: TestTime.start).accessKeyID == "AKIAFILE")
        }
    }

    @Test("a file that was named in so many words must be there, and files of other kinds are not read")
    func namedFile() async throws {
        try await Scratch.using { scratch in
            let variables = Variables(["HOME": scratch.folder.path]).environment
            for path in [scratch.path("missing"), "/dev/zero", scratch.folder.path] {
                let error = try await failure {
                    _ = try SharedSettings(variables, choosing: .init(configFile: path))
                }
                #expect(error.description == "\(path) is no file; correct its path")
            }
            try Data([0x5B, 0xFF, 0x5D]).write(to: scratch.folder.appending(path: "latin"))
            let latin = try await failure {
                _ = try SharedSettings(variables, choosing: .init(configFile: scratch.path("latin")))
            }
            #expect(latin.description == "\(scratch.path("latin")) is not UTF-8 text; save it as UTF-8")
            try Data(repeating: UInt8(ascii: "#"), count: 300_000).write(to: scratch.folder.appending(path: "big"))
            let error = try await failure {
                _ = try SharedSettings(variables, choosing: .init(configFile: scratch.path("big")))
            }
            #expect(error.description.contains("more than 262144 bytes"))
        }
    }
}
