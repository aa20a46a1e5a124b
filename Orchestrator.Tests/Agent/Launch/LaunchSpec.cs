using System.Collections.Immutable;
using System.Text;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Tests.Kit;
using k8s;
using k8s.Models;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Tests.Agent.Launch;

public sealed class LaunchSpec : IDisposable
{
    private static readonly LaunchFacts Facts = new("10.0.0.9", "192.0.2.1", "node-a", 4000, 8L << 30,
        ImmutableDictionary<string, V1ConfigMap>.Empty.Add("cfg", new V1ConfigMap { Data = new Dictionary<string, string> { ["A"] = "alpha", ["file.txt"] = "text" } }),
        ImmutableDictionary<string, V1Secret>.Empty.Add("sec", new V1Secret { Data = new Dictionary<string, byte[]> { ["pw"] = Encoding.UTF8.GetBytes("s3") } }), []);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orchestrator-volumes-");

    [Theory]
    [InlineData("$(A)", "1")]
    [InlineData("x$(A)y$(A)", "x1y1")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$(NOPE)", "$(NOPE)")]
    [InlineData("$(A", "$(A")]
    [InlineData("100$", "100$")]
    [InlineData("$A", "$A")]
    public void References_are_expanded(string text, string expected) =>
        Assert.Equal(expected, Expansion.Expand(text, new Dictionary<string, string> { ["A"] = "1" }));

    [Theory]
    [InlineData("metadata.name", "p")]
    [InlineData("metadata.namespace", "ns")]
    [InlineData("metadata.labels['app']", "web")]
    [InlineData("metadata.labels['none']", "")]
    [InlineData("spec.nodeName", "node-a")]
    [InlineData("status.podIP", "10.0.0.9")]
    [InlineData("status.hostIP", "192.0.2.1")]
    public void Fields_of_the_pod_are_read(string path, string expected) => Assert.Equal(expected, FieldPath.Read(Pod("{}"), path, Facts));

    [Fact]
    public void A_field_that_cannot_be_asked_for_is_refused() => Assert.Throws<LaunchException>(() => FieldPath.Read(Pod("{}"), "spec.containers", Facts));

    [Fact]
    public void Env_stands_over_envFrom_and_uses_what_came_before()
    {
        var env = Environment("""
            {"envFrom":[{"prefix":"C_","configMapRef":{"name":"cfg"}},{"secretRef":{"name":"sec"}}],
             "env":[{"name":"pw","value":"over"},{"name":"BOTH","value":"$(C_A)-$(pw)-$(LATER)"},{"name":"LATER","value":"x"},
                    {"name":"KEY","valueFrom":{"configMapKeyRef":{"name":"cfg","key":"A"}}},
                    {"name":"S","valueFrom":{"secretKeyRef":{"name":"sec","key":"pw"}}},
                    {"name":"MEM","valueFrom":{"resourceFieldRef":{"resource":"limits.memory","divisor":"1Mi"}}},
                    {"name":"CPU","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu"}}},
                    {"name":"MAYBE","valueFrom":{"configMapKeyRef":{"name":"none","key":"A","optional":true}}}],
             "resources":{"limits":{"memory":"64Mi"}}}
            """);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["C_A"] = "alpha", ["C_file.txt"] = "text", ["pw"] = "over", ["BOTH"] = "alpha-over-$(LATER)", ["LATER"] = "x", ["KEY"] = "alpha", ["S"] = "s3", ["MEM"] = "64", ["CPU"] = "4",
            },
            env);
    }

    [Theory]
    [InlineData("""{"env":[{"name":"X","valueFrom":{"configMapKeyRef":{"name":"none","key":"A"}}}]}""", "configmap \"none\" not found")]
    [InlineData("""{"env":[{"name":"X","valueFrom":{"secretKeyRef":{"name":"sec","key":"none"}}}]}""", "couldn't find key none in Secret ns/sec")]
    [InlineData("""{"envFrom":[{"secretRef":{"name":"none"}}]}""", "secret \"none\" not found")]
    public void What_is_missing_is_named(string container, string message) =>
        Assert.Equal(message, Assert.Throws<LaunchException>(() => Environment(container)).Message);

    [Fact]
    public void Command_resources_and_mounts_are_taken_over()
    {
        var pod = Pod("""
            {"command":["sh","$(A)"],"args":["-c","$(A)"],"env":[{"name":"A","value":"1"}],"volumeMounts":[{"name":"v","mountPath":"/m","readOnly":true},{"name":"v","mountPath":"n","mountPropagation":"HostToContainer"}],
             "resources":{"requests":{"cpu":"250m"},"limits":{"cpu":"1500m","memory":"1Gi"}},"securityContext":{"runAsUser":7,"capabilities":{"drop":["ALL"]}}}
            """);
        var launch = ContainerLaunchBuilder.Build(pod, pod.Spec.Containers[0], 3, Facts, new Dictionary<string, PreparedVolume> { ["v"] = new("/host", IsReadOnly: false) }, (_, volume, sub) => $"{volume}/{sub}");
        Assert.Equal("sh 1", string.Join(" ", launch.Command));
        Assert.Equal("-c 1", string.Join(" ", launch.Args));
        Assert.Equal((3, new ContainerResources(250, 1500, 1 << 30, 1 << 30), 7L), (launch.Attempt, launch.Resources!, launch.RunAsUser));
        Assert.Equal("ALL", Assert.Single(launch.DropCapabilities));
        Assert.Equal<VolumeBind>([new VolumeBind("/host", "/m", true), new VolumeBind("/host", "/n", false, "rslave")], launch.Mounts);
    }

    [Theory]
    [InlineData("configMap", """{"name":"cfg"}""")]
    [InlineData("secret", """{"secretName":"sec"}""")]
    [InlineData("downwardAPI", """{"items":[{"path":"name","fieldRef":{"fieldPath":"metadata.name"}}]}""")]
    [InlineData("projected", """{"sources":[{"configMap":{"name":"cfg"}}]}""")]
    public void Configuration_is_mounted_read_only_whatever_the_mount_says(string type, string source)
    {
        var volumes = new VolumeManager(_folder.FullName, isReal: false);
        var pod = Pod("""{"volumeMounts":[{"name":"v","mountPath":"/v","readOnly":false},{"name":"v","mountPath":"/w","subPath":"..data"},{"name":"e","mountPath":"/e"}]}""",
            $$$"""[{"name":"v","{{{type}}}":{{{source}}}},{"name":"e","emptyDir":{}}]""");
        var launch = ContainerLaunchBuilder.Build(pod, pod.Spec.Containers[0], 0, Facts, volumes.Prepare(pod, Facts), (_, volume, sub) => $"{volume}/{sub}");
        Assert.Equal([true, true, false], launch.Mounts.Select(m => m.IsReadOnly));
    }

    [Fact]
    public void The_mode_that_a_container_gave_its_folder_stays()
    {
        var volumes = new VolumeManager(_folder.FullName, isReal: false);
        var pod = Pod("{}", """[{"name":"e","emptyDir":{}}]""");
        var folder = volumes.Prepare(pod, Facts)["e"].Path;
        Assert.Equal((UnixFileMode)0b111_111_111, File.GetUnixFileMode(folder));
        File.SetUnixFileMode(folder, UnixFileMode.UserRead);
        volumes.Prepare(pod, Facts);
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(folder));
    }

    [Theory]
    [InlineData("/etc/x")]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("..data/x")]
    [InlineData("..data")]
    [InlineData(".")]
    public void A_file_of_a_volume_stays_inside_it(string path)
    {
        var volumes = new VolumeManager(_folder.FullName, isReal: false);
        var pod = Pod("{}", $$$"""[{"name":"c","configMap":{"name":"cfg","items":[{"key":"A","path":"{{{path}}}"}]}}]""");
        Assert.Equal($"the path {path} must stay inside its volume, and cannot begin with \"..\"", Assert.Throws<LaunchException>(() => volumes.Prepare(pod, Facts)).Message);
    }

    [Fact]
    public void Files_lie_in_folders_and_of_two_with_one_path_the_later_counts()
    {
        var volumes = new VolumeManager(_folder.FullName, isReal: false);
        var pod = Pod("{}", """
            [{"name":"p","projected":{"sources":[
                {"configMap":{"name":"cfg","items":[{"key":"A","path":"a/b/one"},{"key":"file.txt","path":"a/./b//two"}]}},
                {"secret":{"name":"sec","items":[{"key":"pw","path":"a/b/one"}]}}]}}]
            """);
        var folder = volumes.Prepare(pod, Facts)["p"].Path;
        Assert.Equal(("s3", "text"), (File.ReadAllText(Path.Combine(folder, "a", "b", "one")), File.ReadAllText(Path.Combine(folder, "a", "b", "two"))));

        var both = Pod("{}", """[{"name":"q","configMap":{"name":"cfg","items":[{"key":"A","path":"a"},{"key":"file.txt","path":"a/b"}]}}]""");
        Assert.Equal("the path a cannot be both a file and a folder", Assert.Throws<LaunchException>(() => volumes.Prepare(both, Facts)).Message);
    }

    [Fact]
    public void Configuration_is_written_whole_and_brought_up_to_date()
    {
        var volumes = new VolumeManager(_folder.FullName, isReal: false);
        var pod = Pod("{}", """[{"name":"c","configMap":{"name":"cfg"}},{"name":"s","secret":{"secretName":"sec","defaultMode":256}},{"name":"e","emptyDir":{}}]""");
        var folders = volumes.Prepare(pod, Facts);
        Assert.Equal("text", File.ReadAllText(Path.Combine(folders["c"].Path, "file.txt")));
        Assert.Equal("s3", File.ReadAllText(Path.Combine(folders["s"].Path, "pw")));
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(Path.Combine(folders["s"].Path, "..data", "pw")));
        File.WriteAllText(Path.Combine(folders["e"].Path, "kept"), "x");

        var changed = Facts with { ConfigMaps = Facts.ConfigMaps.SetItem("cfg", new V1ConfigMap { Data = new Dictionary<string, string> { ["A"] = "new" } }) };
        volumes.Prepare(pod, changed);
        Assert.Equal("new", File.ReadAllText(Path.Combine(folders["c"].Path, "A")));
        Assert.False(File.Exists(Path.Combine(folders["c"].Path, "file.txt")));
        Assert.True(File.Exists(Path.Combine(folders["e"].Path, "kept")));
        volumes.Remove(pod.Metadata.Uid);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public void Host_paths_are_what_their_type_says()
    {
        var file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");
        var socket = Path.Combine(_folder.FullName, "socket");
        using var listener = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        listener.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(socket));
        static string Ensure(string path, string type) => HostPaths.Ensure(new V1HostPathVolumeSource { Path = path, Type = type });
        Assert.Equal(socket, Ensure(socket, "Socket"));
        Assert.Equal("/dev/null", Ensure("/dev/null", "CharDevice"));
        Assert.Equal(file, Ensure(file, "FileOrCreate"));
        var missing = Path.Combine(_folder.FullName, "a", "missing");
        Assert.Equal(missing, Ensure(missing, ""));
        Assert.True(Directory.Exists(missing), "runtimes make what no type was asked of");
        var dangling = Path.Combine(_folder.FullName, "dangling");
        File.CreateSymbolicLink(dangling, Path.Combine(_folder.FullName, "elsewhere"));
        Assert.Throws<IOException>(() => Ensure(dangling, "FileOrCreate"));
        Assert.False(File.Exists(Path.Combine(_folder.FullName, "elsewhere")));
        foreach (var (path, type, words) in new[]
        {
            (file, "Socket", "a socket file"), (socket, "File", "a file"), (file, "CharDevice", "a character device"),
            ("/dev/null", "BlockDevice", "a block device"), (file, "Directory", "a directory"), (file, "DirectoryOrCreate", "a directory"),
        })
        {
            Assert.Equal($"hostPath type check failed: {path} is not {words}", Assert.Throws<LaunchException>(() => Ensure(path, type)).Message);
        }
    }

    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"securityContext":{"runAsNonRoot":true,"runAsUser":1000}}""", null)]
    [InlineData("""{"securityContext":{"runAsNonRoot":true,"runAsUser":0}}""", "container's runAsUser breaks non-root policy (pod: \"p_ns(u)\", container: c)")]
    [InlineData("""{"securityContext":{"runAsNonRoot":true}}""", "container has runAsNonRoot and image will run as root (pod: \"p_ns(u)\", container: c)")]
    [InlineData("""{"securityContext":{"runAsNonRoot":true}}""", "container has runAsNonRoot and image will run as root (pod: \"p_ns(u)\", container: c)", "0:0")]
    [InlineData("""{"securityContext":{"runAsNonRoot":true}}""", null, "1000:1000")]
    [InlineData("""{"securityContext":{"runAsNonRoot":true}}""", "container has runAsNonRoot and image has non-numeric user (web), cannot verify user is non-root (pod: \"p_ns(u)\", container: c)", "web")]
    public void Root_is_refused_where_nobody_may_be_it(string container, string? refusal, string imageUser = "")
    {
        var pod = Pod(container);
        var refused = Record.Exception(() => NonRoot.Check(pod, pod.Spec.Containers[0], imageUser));
        Assert.Equal(refusal, refused?.Message);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static Dictionary<string, string> Environment(string container)
    {
        var pod = Pod(container);
        return EnvironmentBuilder.Build(pod, pod.Spec.Containers[0], Facts).ToDictionary(e => e.Key, e => e.Value);
    }

    private static PodManifest Pod(string container, string volumes = "[]")
    {
        var pod = KubernetesJson.Deserialize<V1Pod>($$$"""{"metadata":{"name":"p","namespace":"ns","uid":"u","labels":{"app":"web"}},"spec":{"containers":[{{{container}}}],"volumes":{{{volumes}}} } }""");
        pod.Spec.Containers[0].Name = "c";
        pod.Spec.Containers[0].Image = "i";
        return pod.Manifest();
    }
}
