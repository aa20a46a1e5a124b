using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.Deployments;

public sealed class ConfigPinSpec
{
    [Theory]
    [InlineData("""{"volumes":[{"configMap":{"name":"a"}}]}""", "configmap/a")]
    [InlineData("""{"volumes":[{"secret":{"secretName":"a","optional":true}}]}""", "secret/a?")]
    [InlineData("""{"volumes":[{"projected":{"sources":[{"configMap":{"name":"a"}},{"secret":{"name":"b","optional":true}},{"downwardAPI":{}}]}}]}""", "configmap/a secret/b?")]
    [InlineData("""{"containers":[{"envFrom":[{"secretRef":{"name":"b"}},{"prefix":"x","configMapRef":{"name":"a","optional":true}}]}]}""", "configmap/a? secret/b")]
    [InlineData("""{"initContainers":[{"env":[{"value":"1"},{"valueFrom":{"configMapKeyRef":{"name":"a","key":"k"}}},{"valueFrom":{"secretKeyRef":{"name":"b","key":"k"}}}]}]}""", "configmap/a secret/b")]
    [InlineData("""{"volumes":[{"configMap":{"name":"a","optional":true}}],"containers":[{"envFrom":[{"configMapRef":{"name":"a"}}]}]}""", "configmap/a")]
    [InlineData("""{"volumes":[{"emptyDir":{}}],"imagePullSecrets":[{"name":"a"}],"containers":[{"name":"c"}]}""", "")]
    public void A_template_names_what_its_volumes_and_environment_need(string spec, string expected) =>
        Assert.Equal(expected, string.Join(' ', ConfigReference.In((JsonObject)JsonNode.Parse(spec)!).Select(r => r + (r.IsOptional ? "?" : ""))));

    // What is pinned, what is there (a name, or a name and a version), and what is pinned then. "opt" is optional.
    [Theory]
    [InlineData(null, "must=1 opt=2", "configmap/must=1, configmap/opt=2", "Pods get the configuration configmap/must=1, configmap/opt=2")]
    [InlineData("configmap/must=1, configmap/opt=2", "must=1 opt=2", "configmap/must=1, configmap/opt=2", null)]
    [InlineData("configmap/must=1, configmap/opt=2", "must=3 opt=2", "configmap/must=3, configmap/opt=2", "Configuration changed: configmap/must changed from 1 to 3")]
    [InlineData("configmap/must=1, configmap/opt=2", "opt=2", "configmap/must=1, configmap/opt=2", null)]
    [InlineData("configmap/must=1, configmap/opt=2", "must=1", "configmap/must=1", "Configuration changed: configmap/opt is gone")]
    [InlineData("configmap/must=1", "must=1 opt=2", "configmap/must=1, configmap/opt=2", "Configuration changed: configmap/opt is new (2)")]
    [InlineData("configmap/opt=2", "must=1 opt=2", "configmap/must=1, configmap/opt=2", "Configuration changed: configmap/must is new (1)")]
    [InlineData("configmap/else=7, configmap/must=1", "must=1", "configmap/must=1", "Configuration changed: configmap/else is gone")]
    [InlineData("configmap/opt=2", "", null, "Configuration changed: configmap/opt is gone")]
    [InlineData("nonsense, configmap/must", "must=1", "configmap/must=1", "Pods get the configuration configmap/must=1")]
    [InlineData(null, "", null, null)]
    public void What_is_pinned_follows_what_is_there(string? pinned, string present, string? expected, string? told)
    {
        var versions = present.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=')).ToDictionary(p => p[0], p => p[1]);
        var template = ConfigPin.With(Template(), pinned);
        var next = ConfigPin.Of(template, r => versions.GetValueOrDefault(r.Name));
        Assert.Equal(expected, next);
        Assert.Equal(told, next == ConfigPin.In(template) ? null : ConfigPin.Change(template, next));
        var pinnedNow = ConfigPin.With(template, next);
        Assert.Equal(next, ConfigPin.Of(pinnedNow, r => versions.GetValueOrDefault(r.Name)));
    }

    [Theory]
    [InlineData("""{"data":{"a":"1","b":"2"}}""", """{"data":{"b":"2","a":"1"},"metadata":{"labels":{"x":"y"}}}""", true)]
    [InlineData("""{"data":{"a":"1"}}""", """{"data":{"a":"1"},"immutable":true}""", true)]
    [InlineData("""{"data":{"a":"1"}}""", """{"data":{"a":"2"}}""", false)]
    [InlineData("""{"data":{"a":"1"}}""", """{"data":{"b":"1"}}""", false)]
    [InlineData("""{"data":{"a":"MQ=="}}""", """{"binaryData":{"a":"MQ=="}}""", false)]
    [InlineData("""{}""", """{"data":{}}""", true)]
    public void A_version_is_the_data_and_nothing_else(string left, string right, bool isSame)
    {
        Assert.Equal(isSame, VersionOf(ConfigMapDefinition.Instance, left, "1") == VersionOf(ConfigMapDefinition.Instance, right, "2"));
        Assert.Equal(isSame, VersionOf(SecretDefinition.Instance, left, "1") == VersionOf(SecretDefinition.Instance, right, "1"));
    }

    [Fact]
    public void The_version_of_a_secret_cannot_be_guessed_from_its_data() =>
        Assert.NotEqual(VersionOf(SecretDefinition.Instance, """{"data":{"a":"1"}}""", "1"), VersionOf(SecretDefinition.Instance, """{"data":{"a":"1"}}""", "2"));

    [Fact]
    public void A_rollback_gives_the_old_template_the_configuration_of_today()
    {
        var world = World("v1", "broken");
        world.Versions = _ => "configmap/a=2";
        world.Expire();
        var rollback = Assert.Single(world.Rollbacks);
        Assert.Equal(("v1", "configmap/a=2"), (rollback.Template.Spec.Containers[0].Image, ConfigPin.In(rollback.Template)));
        Assert.Equal("True", world.Condition(AutoRollback.RolledBack)!.Status);
    }

    [Fact]
    public void A_configuration_that_breaks_its_pods_is_not_rolled_back_in_circles()
    {
        var world = World("v1");
        world.Versions = _ => "configmap/a=2";
        world.Breaks.Add("v1");
        world.Pin();
        world.Settle();
        world.Expire();
        world.Expire();
        Assert.Empty(world.Rollbacks);
        var said = world.Condition(AutoRollback.RolledBack)!;
        Assert.Equal(("False", "RollbackRevisionNotFound"), (said.Status, said.Reason));
        Assert.EndsWith("or correct the configuration.", said.Message, StringComparison.Ordinal);

        world.Breaks.Clear();
        world.Versions = _ => "configmap/a=3";
        world.Pin();
        world.Settle();
        Assert.Null(world.Condition(AutoRollback.RolledBack));
        Assert.Equal("NewReplicaSetAvailable", world.Condition("Progressing")!.Reason);
    }

    [Fact]
    public void A_bad_configuration_does_not_bring_back_an_older_template()
    {
        var world = World("v1", "v2");
        world.Versions = _ => "configmap/a=2";
        world.Breaks.Add("v2");
        world.Pin();
        world.Settle();
        world.Expire();
        Assert.Empty(world.Rollbacks);
        Assert.Equal("RollbackRevisionNotFound", world.Condition(AutoRollback.RolledBack)!.Reason);
    }

    [Fact]
    public void A_rollback_is_remembered_when_the_configuration_changes()
    {
        var world = World("v1", "broken");
        world.Expire();
        Assert.Single(world.Rollbacks);
        world.Settle();
        world.Versions = _ => "configmap/a=2";
        world.Pin();
        world.Settle();
        Assert.Equal("True", world.Condition(AutoRollback.RolledBack)!.Status);
    }

    private static RolloutWorld World(params string[] images)
    {
        var world = new RolloutWorld(RolloutWorld.NewDeployment(3)) { Versions = _ => "configmap/a=1" };
        world.Deployment.Metadata.Annotations = new Dictionary<string, string> { [AutoRollback.Annotation] = "true", [ConfigPin.Annotation] = "true" };
        world.Pin();
        foreach (var image in images)
        {
            world.SetImage(image);
            world.Settle();
        }

        return world;
    }

    private static V1PodTemplateSpec Template() => new()
    {
        Spec = new V1PodSpec
        {
            Containers = [new V1Container { Name = "c", EnvFrom = [new V1EnvFromSource { ConfigMapRef = new V1ConfigMapEnvSource { Name = "must" } }] }],
            Volumes = [new V1Volume { Name = "v", ConfigMap = new V1ConfigMapVolumeSource { Name = "opt", Optional = true } }],
        },
    };

    private static string VersionOf(ResourceDefinition kind, string json, string uid)
    {
        var node = (JsonObject)JsonNode.Parse(json)!;
        JsonFilling.Child(node, "metadata")["uid"] = uid;
        return ConfigVersion.Of(KubeObject.From(kind, node)).Text;
    }
}
