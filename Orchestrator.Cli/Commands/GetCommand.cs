using System.CommandLine;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc get</c>.</summary>
internal static class GetCommand
{
    private sealed record Options(
        string? Format, bool IsAll, string? Labels, string? Fields, bool ShowLabels, string? SortBy, bool NoHeaders, bool IgnoreNotFound, bool IsWatch, bool WatchOnly)
    {
        public string Query(string path) => ApiClient.Query(path, ("labelSelector", Labels), ("fieldSelector", Fields));
    }

    public static Command Create(Setup setup)
    {
        var what = Setup.Words("what", "TYPE[,TYPE] [NAME...] or TYPE/NAME...", isRequired: false).WithNames(setup);
        var files = Setup.Files();
        var all = Setup.Switch("All namespaces", "--all-namespaces", "-A");
        var labels = Setup.Text("Label selector, such as app=web", "selector", "--selector", "-l");
        var fields = Setup.Text("Field selector, such as spec.nodeName=n1", "selector", "--field-selector");
        var output = new Option<string?>("--output", "-o") { Description = "json, yaml, name, wide or jsonpath=TEMPLATE", HelpName = "format" };
        output.CompletionSources.Add("json", "yaml", "name", "wide");
        output.Validators.Add(r =>
        {
            var format = r.GetValueOrDefault<string?>();
            if (format is not null and not "wide" && !ObjectPrinter.IsFormat(format))
            {
                r.AddError($"\"{format}\" is not an output format, use json, yaml, name, wide or jsonpath=TEMPLATE");
            }
        });
        var watch = Setup.Switch("Show changes until interrupted", "--watch", "-w");
        var watchOnly = Setup.Switch("Show only changes, without the current objects", "--watch-only");
        var showLabels = Setup.Switch("Add a column with the labels", "--show-labels");
        var sort = Setup.Text("Sort by a field, such as .metadata.creationTimestamp", "path", "--sort-by");
        var noHeaders = Setup.Switch("Omit the header line", "--no-headers");
        var ignore = Setup.Switch("Succeed if an object does not exist", "--ignore-not-found");
        return setup.Command("get", "Lists objects.", [what, files, all, labels, fields, output, watch, watchOnly, showLabels, sort, noHeaders, ignore],
        [
            "orc get pods                          # of the current namespace",
            "orc get deploy,rs,pods -l app=web     # several types",
            "orc get pods -A -o wide               # of all namespaces, with node and address",
            "orc get deploy/web -o yaml            # one object as it is",
            "orc get pods -w                       # what changes, until Ctrl-C",
        ], async context =>
        {
            var options = new Options(context.Get(output), context.Get(all), context.Get(labels), context.Get(fields), context.Get(showLabels), context.Get(sort),
                context.Get(noHeaders), context.Get(ignore), context.Get(watch) || context.Get(watchOnly), context.Get(watchOnly));
            var targets = context.Get(files) is { Length: > 0 } paths
                ? [.. (await Manifests.ManifestReader.ReadAsync(paths, context)).Select(m => new Target(m.Type, m.Name))]
                : Target.Parse(context.Get(what) ?? [], await context.DiscoveryAsync());
            if (options.IsWatch && targets.Count != 1)
            {
                throw new UsageException("A watch supports one type, or one object of a type.");
            }

            return ObjectPrinter.IsFormat(options.Format) ? await ObjectsAsync(context, targets, options) : await TablesAsync(context, targets, options);
        });
    }

    private static string? Scope(CommandContext context, Options options) => options.IsAll ? null : context.Namespace;

    private static async Task<int> ObjectsAsync(CommandContext context, IReadOnlyList<Target> targets, Options options)
    {
        var found = new List<(ResourceType, JsonObject)>();
        var code = ExitCodes.Ok;
        string? revision = null;
        foreach (var target in targets)
        {
            try
            {
                if (target.Name is not null)
                {
                    found.Add((target.Type, await context.Client.GetAsync(context.PathOf(target), context.Cancellation)));
                    revision ??= found[^1].Item2.Text("metadata", "resourceVersion");
                    continue;
                }

                var list = await context.Client.GetAsync(options.Query(target.Type.Path(Scope(context, options))), context.Cancellation);
                revision ??= list.Text("metadata", "resourceVersion");
                found.AddRange(Sorted(list.Items("items"), options.SortBy).Select(o => (target.Type, Typed(target.Type, o))));
            }
            catch (ApiFailure e) when (e.Code == 404 && target.Name is not null)
            {
                code = Missing(context, e, options, code);
            }
        }

        var isList = targets is not [{ Name: not null }];
        if (!options.WatchOnly && (found.Count > 0 || (isList && targets.Any(t => t.Name is null))))
        {
            ObjectPrinter.Print(context.Out, options.Format!, found, isList);
        }

        if (options.IsWatch)
        {
            await WatchAsync(context, targets, options, revision, null, e =>
            {
                if (options.Format == "yaml")
                {
                    context.Out.WriteLine("---");
                }

                ObjectPrinter.Print(context.Out, options.Format!, [(targets[0].Type, e.Object)], isList: false);
            });
        }

        return code;
    }

    private static async Task<int> TablesAsync(CommandContext context, IReadOnlyList<Target> targets, Options options)
    {
        var code = ExitCodes.Ok;
        var groups = targets.GroupBy(t => t.Type).ToList();
        var printed = 0;
        foreach (var group in groups)
        {
            var type = group.Key;
            var shape = new ResourceTable(options.Format == "wide", options.IsAll && type.IsNamespaced, options.ShowLabels, groups.Count > 1 ? type.Display + "/" : "");
            var writer = new TableWriter(context.Out, context.Io.HasColour);
            var rows = new List<IReadOnlyList<string>>();
            string? revision = null;
            foreach (var target in group)
            {
                try
                {
                    var table = await TableAsync(context, target, options);
                    revision ??= table.Text("metadata", "resourceVersion");
                    rows.AddRange(shape.Rows(table));
                }
                catch (ApiFailure e) when (e.Code == 404 && target.Name is not null)
                {
                    code = Missing(context, e, options, code);
                }
            }

            if (rows.Count > 0 && !options.WatchOnly)
            {
                if (printed++ > 0)
                {
                    context.Out.WriteLine();
                }

                writer.Write(options.NoHeaders ? null : shape.Header, rows);
            }

            if (options.IsWatch)
            {
                var isFirst = rows.Count == 0 || options.WatchOnly;
                await WatchAsync(context, targets, options, revision, ApiClient.Table, e =>
                {
                    var table = e.Object.Text("kind") == "Table" ? e.Object : ResourceTable.Of([e.Object], context.Now);
                    var changed = shape.Rows(table);
                    writer.Write(isFirst && !options.NoHeaders ? shape.Header : null, changed);
                    isFirst = false;
                });
            }
        }

        if (printed == 0 && code == ExitCodes.Ok && !options.IsWatch && targets.All(t => t.Name is null))
        {
            var isClusterWide = options.IsAll || targets.All(t => !t.Type.IsNamespaced);
            context.Io.Error.WriteLine(isClusterWide ? "No resources found" : $"No resources found in {context.Namespace} namespace.");
        }

        return code;
    }

    private static async Task<JsonObject> TableAsync(CommandContext context, Target target, Options options)
    {
        var path = target.Name is null ? options.Query(target.Type.Path(Scope(context, options))) : context.PathOf(target);
        var table = await context.Client.GetAsync(path, context.Cancellation, ApiClient.Table);
        if (table.Text("kind") != "Table")
        {
            var objects = target.Name is null ? table.Items("items") : [table];
            var revision = table.Text("metadata", "resourceVersion");
            table = ResourceTable.Of(objects, context.Now);
            table["metadata"] = new JsonObject { ["resourceVersion"] = revision };
        }

        if (options.SortBy is null || target.Name is not null)
        {
            return table;
        }

        // Rows contain only metadata, so the sort order is taken from the objects.
        var list = await context.Client.GetAsync(path, context.Cancellation);
        var order = Sorted(list.Items("items"), options.SortBy).Select((o, i) => (Key: (o.Namespace(), o.Name()), i)).ToDictionary(p => p.Key, p => p.i);
        table["rows"] = new JsonArray([.. table.Items("rows").OrderBy(r => order.GetValueOrDefault((r["object"].Namespace(), r["object"].Name()), int.MaxValue)).Select(r => r.DeepClone())]);
        return table;
    }

    private static IEnumerable<JsonObject> Sorted(IEnumerable<JsonObject> objects, string? path)
    {
        if (path is null)
        {
            return objects;
        }

        var field = path.Trim('{', '}');
        field = field.StartsWith('.') || field.StartsWith('[') ? field : "." + field;
        return objects.OrderBy(o => JsonPath.Select(o, field).FirstOrDefault().Text() ?? "", NaturalOrder.Instance);
    }

    private static async Task WatchAsync(
        CommandContext context, IReadOnlyList<Target> targets, Options options, string? revision, string? accept, Action<WatchEvent> show)
    {
        var target = targets[0];
        var path = options.Query(target.Type.Path(Scope(context, options)));
        path = target.Name is null ? path : ApiClient.Query(path, ("fieldSelector", $"metadata.name={target.Name}"));
        await foreach (var change in ResumingWatch.FollowAsync(context, path, revision, accept))
        {
            show(change);
            await context.Out.FlushAsync(context.Cancellation);
        }
    }

    private static int Missing(CommandContext context, ApiFailure failure, Options options, int code)
    {
        if (options.IgnoreNotFound)
        {
            return code;
        }

        context.Io.Error.WriteLine(failure.Message);
        return ExitCodes.Failed;
    }

    private static JsonObject Typed(ResourceType type, JsonObject o)
    {
        o["apiVersion"] ??= type.ApiVersion;
        o["kind"] ??= type.Kind;
        return o;
    }
}
