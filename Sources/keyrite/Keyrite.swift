import KeyriteCommands

@main
enum Keyrite {
    static func main() async {
        await Program.main()
    }
}
