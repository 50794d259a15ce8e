import AWS
import Ceremony
import KeyriteCommands
import Synchronization
import Testing

@Suite("Whether there are the Regions that somebody names")
struct RegionCheckTests {
    private static let all = ["ap-south-1", "eu-central-1", "eu-north-1"]

    private static func regions(_ names: String...) throws -> [Region] { try names.map(Region.init) }

    private static func refusal(_ check: RegionCheck, _ named: [Region]) async -> CeremonyError? {
        do { try await check.require(named, besides: try Region("eu-central-1")) } catch let error as CeremonyError {
            return error
        } catch { Issue.record("\(error)") }
        return nil
    }

    @Test("one that AWS does not list is refused by its name, with those that there are")
    func listed() async throws {
        let check = RegionCheck(list: { Self.all }, hasAddress: { _ in false })
        let error = await Self.refusal(check, try Self.regions("eu-north-1", "eu-centrl-1", "ap-south-1"))
        #expect(error?.kind == .invalidInput && error?.what == "There is no such Region: eu-centrl-1")
        #expect(error?.remedy == "Name some of these: ap-south-1, eu-central-1, eu-north-1")
        #expect(await Self.refusal(check, try Self.regions("eu-north-1", "eu-central-1")) == nil)
    }

    @Test("the site's own Region has answered, and nobody is asked about it")
    func own() async throws {
        let asked = Mutex(0)
        let check = RegionCheck(
            list: {
                asked.withLock { $0 += 1 }
                return Self.all
            }, hasAddress: { _ in false })
        #expect(await Self.refusal(check, try Self.regions("eu-central-1")) == nil)
        #expect(asked.withLock { $0 } == 0)
    }

    @Test(
        "where the list is denied, or is of something else, a Region without an address is refused, and one with it read",
        arguments: [nil, [], ["us-east-1"]] as [[String]?])
    func unlisted(_ list: [String]?) async throws {
        let check = RegionCheck(
            list: { if let list { return list } else { throw AWSError.configuration("denied") } },
            hasAddress: { $0.name != "eu-centrl-1" })
        let error = await Self.refusal(check, try Self.regions("eu-north-1", "eu-centrl-1"))
        #expect(error?.what == "There is no such Region, or it cannot be reached from here: eu-centrl-1")
        #expect(await Self.refusal(check, try Self.regions("eu-north-1")) == nil)
    }

    @Test("the site's own Region is named where it has no address")
    func home() async throws {
        let home = try Region("eu-centrl-1")
        let check = RegionCheck(list: { Self.all }, hasAddress: { _ in false })
        let error = await #expect(throws: CeremonyError.self) { try await check.requireHome(home) }
        #expect(error?.what == "There is no such Region, or it cannot be reached from here: eu-centrl-1")
        #expect(error?.remedy.contains("There are ap-south-1, eu-central-1, eu-north-1") == true)
        try await RegionCheck(list: { [] }, hasAddress: { _ in true }).requireHome(home)
    }
}
