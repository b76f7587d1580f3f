#!/usr/bin/env python3
# A model in the style of pytm's own samples: attributes set after construction, every kind of element, the script's end.

from pytm import (
    TM, LLM, Action, Actor, Agent, Assumption, Boundary, Classification, Data, Dataflow, Datastore, DatastoreType,
    ExternalEntity, Finding, Lambda, Lifetime, Process, Server, SetOfProcesses,
)

tm = TM("forum")
tm.description = """People write posts.
Others read them."""
tm.isOrdered = True
tm.mergeResponses = True
tm.assumptions = ["Posts are public", Assumption("No post is deleted", exclude=["INP16"])]

internet = Boundary("Internet")
cloud = Boundary("Cloud")
inner = Boundary("Inner network", inBoundary=cloud)
inner.levels = [2]

reader = Actor("Reader", inBoundary=internet)
mailer = ExternalEntity("Mail provider")
mailer.inBoundary = internet

web = Server("Web server (*)")
web.inBoundary = cloud
web.OS = "Linux"
web.controls.isHardened = True
web.controls.sanitizesInput = False
web.sourceFiles = ["web/app.py"]
web.levels = [1, 2]

workers = SetOfProcesses("Workers", inBoundary=cloud)
index = Process("Indexer", inBoundary=inner)
cleaner = Lambda("Cleaner", inBoundary=cloud)
cleaner.controls.hasAccessControl = True
helper = LLM("Writing helper", inBoundary=cloud, isThirdParty=True, hasContentFiltering=False)
moderator = Agent("Moderator", inBoundary=inner)
moderator.usesExternalTools = True

posts = Datastore("Posts")
posts.inBoundary = inner
posts.type = DatastoreType.SQL
posts.isEncryptedAtRest = True
posts.maxClassification = Classification.RESTRICTED

session = Data("Session token", classification=Classification.SECRET, isCredentials=True)
session.credentialsLife = Lifetime.SHORT
post = Data(name="Post", description="Text in Markdown", classification=Classification.PUBLIC, isStored=True)

write = Dataflow(reader, web, "Reader writes a post (*)", protocol="HTTPS", dstPort=443)
write.data = [post, session]
write.controls.isEncrypted = True
write.note = "A form\nin a page"
write.overrides = [Finding(threat_id="INP02", cvss="9.3", severity="Very High", response="Bounds are checked")]
answer = Dataflow(web, reader, "Page")
answer.responseTo = write
store = Dataflow(web, posts, "Insert")
store.protocol = "SQL"
store.dstPort = 5432
store.data = post
Dataflow(workers, posts, "Read")
Dataflow(index, posts, "Read")
Dataflow(cleaner, posts, "(&lambda;) Delete").protocol = "SQL"
Dataflow(web, helper, "Prompt")
Dataflow(moderator, posts, "Verdict")
Dataflow(web, mailer, "Digest")

if __name__ == "__main__":
    tm.process()
