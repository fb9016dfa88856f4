/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__LOAD_BUILDER_H
#define PDP__LOAD_BUILDER_H

/*
 * The snapshot under construction: one growing array per table of
 * model/snapshot.h, texts interned, names in maps.  Documents are read in
 * the order of what they refer to: services, directory, trust, key sets,
 * policies; so every name is looked up in a table that is complete.
 */

#include "load/doc.h"
#include "model/snapshot.h"

enum pdp__map {
    PDP__MAP_ACTION = 0, /* action name -> actions */
    PDP__MAP_ROLE_ID,    /* role id -> role_ids */
    PDP__MAP_HOST,       /* host -> hosts */
    PDP__MAP_REGION,     /* "service/region or alias" -> regions */
    PDP__MAP_EVENT,      /* "service/name" -> events */
    PDP__MAP_SERVICE,    /* name -> services */
    PDP__MAP_ISSUER,     /* issuer -> issuers */
    PDP__MAP_SUBJECT,    /* id -> subjects */
    PDP__MAP_POLICY_ID,  /* id -> policy_ids */
    PDP__MAP_METHOD,     /* method -> methods */
    PDP__MAP_OTHER,      /* for a reader's own use; prefix your keys */
    PDP__MAP_ROLE,       /* "service/role id" -> roles */
    PDP__MAP_PARAM,      /* "service/name" -> what params says of it */
    PDP__MAP_EDGE,       /* "node/segment" -> nodes */
    PDP__MAP_END,        /* "node/method" -> routes */
    PDP__MAP_KID,        /* "issuer/kid": taken */
    PDP__MAP_OWNER,      /* "region text/namespace": taken */
    PDP__MAP_MEMBER,     /* "group/member": taken */
    PDP__MAP_TAGGED,     /* "region text/namespace" -> tagged */
    PDP__MAP_TAG,        /* "tagged/tag": taken */
    PDP__MAP_ZONE,       /* id -> zones */
    PDP__MAP_RULE,       /* id of a restriction: taken */
    PDP__MAP_ACCOUNT,    /* id -> accounts */
    PDP__MAP_JTI,        /* "issuer/jti" -> revoked_tokens */
    PDP__MAP_REVOKED,    /* "issuer/subject" -> revoked_subjects */
    PDP__MAP_COUNT
};

struct pdp__builder {
    struct pdp__arena *arena; /* everything below, freed by the loader */
    pdp_report_t *report;
    uint64_t seed;
    bool failed;    /* out of memory: results are void, return PDP_E_NOMEM */
    bool too_large; /* the texts exceed what a block can hold */
    struct pdp__vec strings;    /* bytes of the texts */
    void *maps[PDP__MAP_COUNT]; /* uthash heads */
    void *interned;             /* uthash head */
#define X(name, type) struct pdp__vec name;
    PDP__TABLE_MAP(X)
#undef X
    struct pdp__key **keys; /* owned until the snapshot takes them */
    uint32_t key_cnt;
    uint32_t key_cap;
    struct pdp__range any_subject;
    uint32_t public_group;
    bool directory_complete;
    bool directory_owners;
    bool directory_tags;
    /* Lists that become ranges of `numbers` when the block is written. */
    struct pdp__vec subject_policies; /* struct pdp__pair: subject, policy */
    struct pdp__vec subject_groups;   /* struct pdp__pair: member, group */
    struct pdp__vec any_policies;     /* uint32_t */
    struct pdp__vec account_restrictions; /* struct pdp__pair */
    struct pdp__vec tag_links;   /* struct pdp__pair: tagged, tag (of `tags`) */
    struct pdp__vec zone_links;  /* struct pdp__zone_link */
    struct pdp__vec zone_counts; /* struct pdp__pair: b, one an account */
    struct pdp__vec role_links;  /* struct pdp__role_link */
    struct pdp__vec route_places; /* struct pdp__place, one a route */
    struct pdp__vec key_files;    /* struct pdp__key_file */
};

/* Where the keys of an issuer come from. */
struct pdp__key_file {
    pdp_str_t file;          /* absent: any key set (default trust) */
    uint32_t issuer;         /* of `issuers` */
    struct pdp__place place; /* where a trust document names it */
    bool given;              /* a key set of this name was read */
};

/* A zone that a restriction names; zones may come after it. */
struct pdp__zone_link {
    uint32_t number; /* of `numbers`: where its index goes */
    pdp_str_t id;
    struct pdp__place place;
};

/* role_id names role for service: becomes an item of `role_map`. */
struct pdp__role_link {
    uint32_t role_id;
    uint32_t service;
    uint32_t role;
};

/* Where the texts begin in the block: directly behind the header. */
enum { PDP__STRINGS_OFF = (sizeof(struct pdp__block) + 7) / 8 * 8 };

struct pdp__pair {
    uint32_t a;
    uint32_t b;
};

/* An item of a table: struct pdp__route *r = PDP__NEW(b, routes, ix); gives
 * a zeroed item and sets ix; NULL: out of memory (b->failed is set). */
#define PDP__NEW(b, table, ix)                                                 \
    pdp__builder_push((b), &(b)->table, sizeof(*pdp__##table(NULL)), &(ix))

/* Item ix of a table; not valid across a PDP__NEW of the same table. */
#define PDP__ITEM(b, table, type, ix) PDP__VEC_AT(&(b)->table, type, ix)

void pdp__builder_init(struct pdp__builder *b, struct pdp__arena *arena,
    pdp_report_t *report, uint64_t seed);
/* Frees keys that no snapshot took, and the maps. */
void pdp__builder_free(struct pdp__builder *b);

void *pdp__builder_push(struct pdp__builder *b, struct pdp__vec *vec,
    size_t item_size, uint32_t *ix);

/* The text in the block; an absent string gives an absent text. */
struct pdp__text pdp__builder_text(struct pdp__builder *b, pdp_str_t text);
/* Its bytes, valid until the arena is freed. */
pdp_str_t pdp__builder_str(const struct pdp__builder *b, struct pdp__text text);

/* A map from key to number.  put: false if the key is there already (or no
 * memory); get: PDP__NONE if it is not. */
bool pdp__map_put(struct pdp__builder *b, enum pdp__map map, pdp_str_t key,
    uint32_t value);
uint32_t pdp__map_get(const struct pdp__builder *b, enum pdp__map map,
    pdp_str_t key);
/* The same with the key "number/key": names local to a service. */
bool pdp__map_put_in(struct pdp__builder *b, enum pdp__map map, uint32_t number,
    pdp_str_t key, uint32_t value);
uint32_t pdp__map_get_in(const struct pdp__builder *b, enum pdp__map map,
    uint32_t number, pdp_str_t key);

/* The subject with this id, made if there is none. */
uint32_t pdp__builder_subject(struct pdp__builder *b, pdp_str_t id);

/* A role id for a role of a service; the role map grows as needed.  False
 * if the id already names another role of that service. */
bool pdp__builder_role_id(struct pdp__builder *b, pdp_str_t id,
    uint32_t service, uint32_t role);

/* The role an id names for a service, or PDP__NONE (before the block is
 * written; after that see pdp__role_of()). */
uint32_t pdp__builder_role(const struct pdp__builder *b, pdp_str_t id,
    uint32_t service);

/* `cnt` zero words (uint64_t); index of the first, or PDP__NONE. */
uint32_t pdp__builder_words(struct pdp__builder *b, uint32_t cnt);

/* Takes ownership of key; its index, or PDP__NONE (key is freed then). */
uint32_t pdp__builder_key(struct pdp__builder *b, struct pdp__key *key);

/*
 * Writes the block: sorts and numbers the lists, builds the perfect hashes,
 * lays everything out.  On PDP_OK *out is a snapshot with one reference,
 * allocated from mem, that owns the keys.  PDP_E_NOMEM; PDP_E_LIMIT: the
 * block would exceed 4 GiB, or no perfect hash was found.
 */
pdp_status_t pdp__builder_finish(struct pdp__builder *b, const pdp_mem_t *mem,
    pdp_snapshot_t **out);

/* Gives the rows of one region, in all services, the same older names; once
 * all services are read. */
void pdp__regions_unite(struct pdp__builder *b);

/* The readers, one file each.  Findings go to the report; only PDP_E_NOMEM
 * is returned. */
pdp_status_t pdp__read_service(struct pdp__builder *b,
    const struct pdp__doc *doc);
pdp_status_t pdp__read_directory(struct pdp__builder *b,
    const struct pdp__doc *doc);
pdp_status_t pdp__read_trust(struct pdp__builder *b,
    const struct pdp__doc *doc);
/* The issuer used when no trust document is given: IBM Cloud IAM. */
pdp_status_t pdp__default_trust(struct pdp__builder *b);
/* The key set for every issuer whose `keys.file` is the source's name; or,
 * if no trust document was given, for the default issuer.  A set with one
 * bad key adds none. */
pdp_status_t pdp__read_jwks(struct pdp__builder *b, const struct pdp__doc *doc);
pdp_status_t pdp__read_policies(struct pdp__builder *b,
    const struct pdp__doc *doc);
/* Zones and context-based restrictions; and once all are read, which zones
 * the restrictions mean. */
pdp_status_t pdp__read_restrictions(struct pdp__builder *b,
    const struct pdp__doc *doc);
void pdp__link_zones(struct pdp__builder *b);
/* After all key sets. */
pdp_status_t pdp__read_revocations(struct pdp__builder *b,
    const struct pdp__doc *doc);
/* After all directories: the tags of each resource stand together. */
void pdp__unite_tags(struct pdp__builder *b);
/* After all services: routes into the trie (nodes, edges, terminals).
 * Reports same_route and, as notes, route_overlap. */
pdp_status_t pdp__build_router(struct pdp__builder *b);

/* The perfect hash of cnt different hashes; arrays in the arena.
 * PDP_E_LIMIT: none found (two hashes are equal, or bad luck: try another
 * seed). */
struct pdp__phash_parts {
    uint16_t *buckets;
    uint32_t bucket_cnt;
    uint32_t *slots;
    uint32_t slot_cnt;
};
pdp_status_t pdp__phash_build(struct pdp__arena *arena, const uint64_t *hashes,
    uint32_t cnt, struct pdp__phash_parts *out);

/* The built-in definition of IBM Cloud Container Registry, JSON. */
pdp_str_t pdp__builtin_service(void);

#endif
