/** A node of a document, before what its scalars mean is decided. */
export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode

/** What all nodes have in common. */
export interface NodeBase {
  /** Long form (`tag:yaml.org,2002:str`), empty when there is none. */
  readonly tag: string
  /** Line that the node starts on, from 1. */
  readonly line: number
  /** Name of its anchor. */
  readonly anchor: string | undefined
  /** Offset of its first character in the text, anchor and tag included. */
  readonly start: number
  /** Offset of the first character behind anchor and tag. */
  readonly content: number
  /** Offset behind its last character. Line breaks and blanks that end a plain or block scalar are before it. */
  end: number
}

export interface ScalarNode extends NodeBase {
  readonly kind: 'scalar'
  readonly value: string
  readonly plain: boolean
}

export interface SequenceNode extends NodeBase {
  readonly kind: 'sequence'
  readonly items: YamlNode[]
}

export interface MappingNode extends NodeBase {
  readonly kind: 'mapping'
  /** Keys and values in turn. */
  readonly items: YamlNode[]
}

export interface AliasNode extends NodeBase {
  readonly kind: 'alias'
  readonly name: string
  readonly target: YamlNode
}
