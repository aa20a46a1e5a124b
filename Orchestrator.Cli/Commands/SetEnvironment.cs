using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc set env</c>.</summary>
internal static class SetEnvironment
{
    public static Command Create(Setup setup)
    {
        var words = Setup.Words("what", "TYPE/NAME or TYPE NAME, then NAME=VALUE... or NAME-...").WithNames(setup);
        var containers = SetCommand.Containers();
        var writeOptions = new WriteOptions(WriteOptions.Formats);
        return setup.Command("env", "Sets or removes environment variables of containers.", [words, containers, .. writeOptions.Options],
        [
            "orc set env deploy/web LEVEL=debug",
            "orc set env deploy/web -c web LEVEL-             # takes the variable off",
        ], async context =>
        {
            var (targets, variables) = LabelCommand.Split(context.Get(words)!, "Say which variable to set or take off: NAME=VALUE or NAME-.");
            var names = SetCommand.Names(context, containers);
            var patch = new ContainerPatch("env", names, (container, isInit) => Change(container, isInit, names, variables));
            foreach (var target in Target.ParseNamed(targets, await context.DiscoveryAsync()))
            {
                await patch.ApplyAsync(writeOptions.Of(context), target);
            }

            return ExitCodes.Ok;
        });
    }

    private static JsonObject? Change(JsonObject container, bool isInit, string[] names, JsonObject variables)
    {
        var present = container.Items("env").ToDictionary(e => e.Text("name") ?? "");
        var changes = (names.Length == 0 ? !isInit : names.Contains(container.Text("name")))
            ? variables.Where(v => v.Value is null ? present.ContainsKey(v.Key) : present.GetValueOrDefault(v.Key).Text("value") != v.Value.Text()).ToList() : [];
        if (changes.Count == 0)
        {
            return null;
        }

        var (next, patch) = (container.Items("env").Select(e => (JsonNode)e.DeepClone()).ToList(), new JsonArray());
        foreach (var (name, value) in changes)
        {
            var at = next.FindIndex(e => e.Text("name") == name);
            if (value is null)
            {
                next.RemoveAt(at);
                patch.Add(new JsonObject { ["name"] = name, ["$patch"] = "delete" });
                continue;
            }

            var variable = new JsonObject { ["name"] = name, ["value"] = value.DeepClone() };
            next.Insert(at < 0 ? next.Count : at, variable);
            next.RemoveAll(e => e != variable && e.Text("name") == name);
            // A variable may have been read from elsewhere so far.
            patch.Add(new JsonObject { ["name"] = name, ["value"] = value.DeepClone(), ["valueFrom"] = null });
        }

        container["env"] = new JsonArray([.. next]);
        return new JsonObject { ["env"] = patch };
    }
}
